"""What a user can do with a batch, for every face alike: plain values in and out, nothing printed."""

from smtptui.batch.operations.deciding import Decided, resolve, retry
from smtptui.batch.operations.recovering import Recovery, recover
from smtptui.batch.operations.taking_over import Holder, taken_over

__all__ = ["Decided", "Holder", "Recovery", "recover", "resolve", "retry", "taken_over"]
