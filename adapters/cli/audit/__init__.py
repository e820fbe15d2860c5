"""`sidan audit`: a module for each thing an auditor asks for; `app` joins them."""
