"""What a valid town file says and does not do: sentences by code, Chinese and English."""

from typing import Final

from adapters.towns.findings import Finding

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "route_unreachable": (
        "第{number}条指定承办（{provider}）永远轮不到，第{by}条已先占住，请删去或移到它前面。",
        "Route {number} (to {provider}) is never reached, route {by} comes first; delete it or move it up.",
    ),
    "route_provider_unknown": (
        "第{number}条指定承办的{provider}没有登记，请登记它或改指别家。",
        "Route {number} names {provider}, which is not registered; register it or name another.",
    ),
    "route_provider_retired": (
        "第{number}条指定承办的{provider}已退出，或因本文件未列出而将退出，请改指别家。",
        "Route {number} names {provider}, which has retired, or will as this file omits it; name another.",
    ),
    "route_provider_not_in_area": (
        "第{number}条指定承办的{provider}不服务{where}，请把区域给它或改窄此条。",
        "Route {number} names {provider}, which does not work in {where}; add the area or narrow the route.",
    ),
    "route_provider_not_offered": (
        "第{number}条指定承办的{provider}不承办{what}，请把事项给它或改窄此条。",
        "Route {number} names {provider}, which does not offer {what}; add that or narrow the route.",
    ),
    "route_provider_unskilled": (
        "第{number}条指定承办的{provider}没有会办{what}的人，请补上技能或改指别家。",
        "Route {number} names {provider}, which has nobody able to do {what}; add the skill or name another.",
    ),
    "routes_void": (
        "weights 中 routed 为0，指定承办都不起作用，请给它大于0的分量。",
        "The weight routed is 0, which makes the routes void; give it more than 0.",
    ),
    "dispatch_nobody": (
        "第{number}条自动派单（{mode}）之下没有任何能接的单位，请登记单位或改为 off。",
        "Auto-dispatch setting {number} ({mode}) has nobody to take anything; register one or set off.",
    ),
    "dispatch_void": (
        "第{number}条自动派单不起作用，第{by}条说的是同一事项和区域，请删去一条。",
        "Auto-dispatch setting {number} is void, setting {by} is for the same category and area; delete one.",
    ),
    "share_void": (
        "各处自动派单都是 off，most_per_round 不起作用，请删去它或打开自动派单。",
        "Auto-dispatch is off everywhere, which makes most_per_round void; delete it or set auto-dispatch.",
    ),
    "skill_nobody_has": (
        "{what}要求的技能{skill}谁也没有，请给单位或志愿者补上，或不再要求。",
        "{what} needs the skill {skill}, which nobody has; give it to somebody or ask no longer for it.",
    ),
    "item_uncovered": (
        "{what}在{count}个最小区域中没有单位必须或可以承办（如{where}），请写入某单位的 must 或 can。",
        "Nobody must or can do {what} in {count} of the smallest areas, as {where}; add it to a list.",
    ),
    "call_too_slow": (
        "一键呼叫有{minutes}分钟接单，比{what}平时的{hours}小时还长，请调小 call_minutes。",
        "A call has {minutes} minutes, longer than the {hours} h to accept {what}; lower call_minutes.",
    ),
    "retention_void": (
        "{what}的保存期限{days}天与其上级相同，这一条不起作用，请删去或改天数。",
        "What lies around {what} is kept {days} days as well, so this is void; delete it or change the days.",
    ),
    "retention_early": (
        "{what}办结{days}天后内容即删除，那时还可评单或要求重办（{least}天内），请保存更久。",
        "{what} is erased after {days} days, yet may be rated or reopened for {least}; keep it longer.",
    ),
    "weights_zero": (
        "weights 全为0，谁先谁后只看代码，请至少给一项大于0的分量。",
        "All weights are 0, so that ids alone decide; give at least one of them more than 0.",
    ),
    "weight_outweighed": (
        "{part}的分量{weight}太小：{by}（{heavier}）差1%就压过它的全部，请调大它或写0。",
        "The weight {part} ({weight}) is too small: 1 % of {by} ({heavier}) outweighs it; raise it or set 0.",
    ),
}


def suspicion(line: int, code: str, /, **details: object) -> Finding:
    """One of these at a line; line 0 means the file as a whole."""
    zh, en = SENTENCES[code]
    return Finding(line, code, zh.format(**details), en.format(**details))
