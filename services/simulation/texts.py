"""What people write in the simulation: short invented sentences, by category where it has some of its own.

`{place}` is an area's name, `{item}` the category's, `{n}` a small number. None needs escaping in JSON.
"""

from typing import Final

ASKS: Final[dict[str, tuple[str, ...]]] = {
    "delivery": ("家里老人行动不便，想每天中午送餐到{place}{n}栋。", "母亲独居，申请长者餐送上门，少盐。"),
    "canteen": ("想了解{place}长者食堂的用餐时间，{n}位老人用餐。",),
    "help": ("父亲出院后需要人帮忙照料起居，每周{n}次。",),
    "bath": ("老人卧床，申请上门助浴，家在{n}楼无电梯。",),
    "visit": ("邻居是独居老人，{n}天没见出门，请上门看看。",),
    "escort": ("老人周{n}去医院复查，需要有人陪同。",),
    "place": ("孩子{n}岁，想登记{place}附近的托位。",),
    "hourly": ("临时有事，想托管孩子{n}个小时。",),
    "after-school": ("放学后没人接，想报四点半课堂，孩子{n}年级。",),
    "plumbing": ("厨房水管滴水，请师傅上门看看。", "卫生间下水堵了，住{n}楼。"),
    "wiring": ("家里一合闸就跳，请电工上门检查。",),
    "appliances": ("空调不制冷，想约师傅检修，用了{n}年。",),
    "locks": ("钥匙断在锁里了，进不了门，在{place}{n}栋。",),
    "cleaning": ("想约一次家庭保洁，{n}个小时。",),
    "haircut": ("家中老人腿脚不便，申请上门理发。",),
    "neighbours": ("楼上长期漏水拒不处理，请社区出面调解。", "与邻居因楼道堆物争执{n}次，请调解。"),
    "wages": ("在{place}附近做工，被拖欠{n}个月工资，请帮忙协调。",),
    "counselling": ("最近睡不好，想约心理老师聊一聊。",),
    "night": ("{place}旁工地半夜还在打桩，已经连续{n}晚。", "夜里{n}点工地还在浇混凝土，孩子睡不着。"),
    "daytime": ("{place}旁工地午休时间仍在施工。",),
    "renovation": ("{n}楼装修，中午也不停电钻。",),
    "street": ("{place}广场音响声音太大，晚上十点还没停。",),
    "stalls": ("{place}门口摊贩占了人行道，行人只能走车道。",),
    "parking": ("{place}路口车辆乱停，转弯看不见来车。", "小区门口违停{n}辆，出入困难。"),
    "shared-bikes": ("共享单车堆了{n}排，盲道都被占了。",),
    "rubbish": ("{place}垃圾桶满溢{n}天没人清运。",),
    "dumping": ("有人夜里往{place}空地倒余泥，已有{n}车。",),
    "odour": ("{place}附近晚上有刺鼻气味，开不了窗。",),
    "pothole": ("{place}门前路面有{n}个大坑，下雨积水。",),
    "manhole": ("{place}路口井盖破了，很危险。",),
    "drains": ("{place}下水口堵塞，一下雨就淹。",),
    "trees": ("{place}路边树枝遮住信号灯，{n}米高。",),
    "indoor": ("{n}楼有人把电动车推上楼充电，担心起火。",),
    "leak": ("{place}门口水管爆裂，水流了{n}个小时。",),
    "supply": ("{place}{n}栋早上起停水，没有通知。",),
    "sewage": ("{place}化粪池外溢，臭味很重。",),
    "seepage": ("外墙渗水，{n}个房间发霉，请尽快查看。",),
    "lifts": ("{n}栋电梯又停了，老人下不了楼。",),
    "fire-passage": ("{place}消防通道被{n}辆车堵住。",),
    "hazards": ("{place}后面边坡有松动，雨后掉了石头。",),
    "signals": ("{place}路口信号灯不亮，已{n}天。",),
    "food": ("在{place}附近餐馆吃饭后{n}人不适，请查。",),
    "refund": ("健身房关门，预付卡余额退不了，{n}位业主同样情况。",),
    "leash": ("{place}有人遛大型犬不牵绳，吓到孩子。",),
    "stray": ("{place}有{n}只流浪犬，晚上追人。",),
}
"""By the last code of a category."""

ANY: Final[dict[str, tuple[str, ...]]] = {
    "service": ("想办理“{item}”，住在{place}{n}栋，请联系我。", "请问“{item}”怎么预约？希望{n}天内能安排。"),
    "complaint": (
        "{place}附近反映“{item}”问题，已经{n}天，请派人处理。",
        "“{item}”反复出现，这是第{n}次反映。",
    ),
}
MORE: Final = (
    "补充：今天情况更明显了。",
    "补充：可在下班后联系。",
    "补充照片说明：位置在大门左侧。",
    "更正楼栋号，请以此为准。",
)
NO_LONGER: Final = ("已经自行解决，谢谢。", "家人已处理，不用派人了。", "重复提交，撤回。")
NOTICES: Final = (
    "已电话告知办理流程与所需材料。",
    "此事已在处理计划中，本周内完成，已向您说明。",
    "已说明政策依据与咨询渠道。",
)
NOT_ACCEPTED: Final = ("您反映的事项依规定不予受理，已告知理由与其他途径。",)
DUPLICATES: Final = ("与此前同一地点的诉求合并办理，结果一并告知。",)
RECALLS: Final = ("派错单位，收回重派", "居民补充情况，收回核实")
PROGRESS: Final[dict[str, tuple[str, ...]]] = {
    "service": ("已联系居民，约定上门时间。", "材料已收，正在安排人员。", "已排班，明天上午上门。"),
    "complaint": ("已到现场查看，正在安排处理。", "配件已订，到货后施工。", "已约谈责任方，限期整改。"),
}
RESULTS: Final[dict[str, tuple[str, ...]]] = {
    "service": ("已上门服务，居民确认。", "已办妥并告知居民。", "服务完成，已预约下次时间。"),
    "complaint": ("已处理完毕，现场恢复正常。", "已整改到位，将加强巡查。", "已修复并试用正常。"),
}
UNSOLVED: Final = ("涉及第三方，已列入后续计划，暂未彻底解决。", "已多次协调，双方未达成一致。")
THANKS: Final = ("很快，师傅很耐心。", "处理及时，谢谢。", "满意。", "回访很细致。", "比预想的快。")
GRUMBLES: Final = ("没有解决，第二天又这样了。", "来得太晚。", "只打了个电话就办结了。", "态度敷衍。")
AGAIN: Final = ("问题又出现了，请重新处理。", "办结后没有好转，要求重办。", "只处理了一半，请继续。")
SURNAMES: Final = "陈林黄李张吴刘王郑曾罗赖钟谢叶梁邓何蔡温"
