"""How long each stage may take: a deadline for a whole reply, whatever dribbles in meanwhile."""

from smtptui.protocol import Stage

_SECONDS: dict[Stage, float] = {
    Stage.CONNECT: 30,
    Stage.TLS: 30,
    Stage.BANNER: 60,
    Stage.EHLO: 60,
    Stage.EHLO_TLS: 60,
    Stage.STARTTLS: 60,
    Stage.AUTH: 60,
    Stage.MAIL: 300,
    Stage.RCPT: 300,
    Stage.DATA: 120,
    Stage.BODY: 180,
    Stage.DOT: 600,
    Stage.RSET: 60,
    Stage.QUIT: 10,
}
"""RFC 5321 section 4.5.3.2, shorter up to AUTH and for QUIT, where a person waits for a sign of life. BODY is the
longest an upload may stand still, not how long it may take."""


def seconds(stage: Stage, override: float | None = None) -> float:
    """Seconds ``stage`` may take; ``override`` is the user's own limit for every stage."""
    return _SECONDS[stage] if override is None else override
