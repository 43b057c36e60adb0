"""The log of the Session screen: transcript, TLS, capabilities, timing; of the session that runs, or an earlier one."""
