"""Header names that a template may have, and the one that was meant by a name beside them."""

import re
from functools import lru_cache

ATTACHMENT = "Attachment"
"""The one field that smtptui reads and no message has: a file of the files folder."""

_MEANT = (
    "From", "Sender", "To", "Cc", "Bcc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
    ATTACHMENT, "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version",
    "Organization", "Keywords", "Comments", "Importance", "Priority", "Sensitivity", "Precedence", "Auto-Submitted",
    "List-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Help", "List-Post", "List-Archive", "List-Owner",
    "List-Subscribe", "Return-Path", "Errors-To", "Feedback-ID", "Disposition-Notification-To",
    "Return-Receipt-To", "Mail-Followup-To", "User-Agent", "Autocrypt",
    "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Resent-Bcc", "Resent-Date", "Resent-Message-ID",
)  # fmt: skip
"""Names that a slip of the pen may be near to."""

_OTHERS = (
    "Accept-Language", "Also-Control", "Alternate-Recipient", "Apparently-To", "Approved", "Archive", "Archived-At",
    "Author",
    "Article-Names", "Article-Updates", "Authentication-Results", "Autoforwarded", "Autosubmitted", "Base",
    "BIMI-Indicator", "BIMI-Location", "BIMI-Selector", "Cancel-Key", "Cancel-Lock", "Content-Alternative",
    "Content-Base", "Content-Class", "Content-Description", "Content-Duration", "Content-Features", "Content-ID",
    "Content-Identifier", "Content-Language", "Content-Length", "Content-Location", "Content-MD5", "Content-Return",
    "Content-Translation-Type", "Control", "Conversion", "Conversion-With-Loss", "Deferred-Delivery",
    "DL-Expansion-History",
    "Delivered-To", "Delivery-Date", "Discarded-X400-IPMS-Extensions", "Discarded-X400-MTS-Extensions",
    "Disclose-Recipients", "Disposition-Notification-Options", "Distribution", "DKIM-Signature", "DomainKey-Signature",
    "Downgraded-Final-Recipient", "Downgraded-In-Reply-To", "Downgraded-Message-Id", "Downgraded-Original-Recipient",
    "Downgraded-References", "Encoding", "Encrypted", "Envelope-To", "Expires", "Expiry-Date", "Face", "Fax",
    "Followup-To", "Generate-Delivery-Report", "Hobby", "HP-Revision", "Incomplete-Copy", "Injection-Date",
    "Injection-Info", "Jabber-ID", "Language", "Latest-Delivery-Time", "Lines", "List-Digest", "Mail-Copies-To",
    "Mail-Reply-Requested-By", "Mail-Reply-To", "Mail-From", "Mailing-List", "Message-Context", "Message-Type",
    "MMHS-Primary-Precedence",
    "MT-Priority", "NNTP-Posting-Date", "NNTP-Posting-Host", "Newsgroups", "Obsoletes", "Original-From",
    "Original-Encoded-Information-Types", "Original-Message-ID", "Original-Recipient", "Original-Sender",
    "Original-Subject", "Originator-Return-Address", "Path", "PICS-Label", "Phone", "Posting-Version",
    "Prevent-NonDelivery-Report", "Received", "Received-SPF", "Relay-Version", "Reply-By",
    "Require-Recipient-Valid-Since", "Resent-Reply-To", "See-Also", "SIO-Label", "SIO-Label-History", "Solicitation",
    "Status", "Summary",
    "Supersedes", "Tags", "Telefax", "Thread-Index", "Thread-Topic", "TLS-Report-Domain", "TLS-Report-Submitter",
    "TLS-Required", "URL", "URI", "VBR-Info", "Via", "Xref", "Organisation", "Errors-Cc", "Return-Receipt-Requested",
)  # fmt: skip
"""Further names of mail and news (IANA, Message Headers), and some that programs write: none of them is a slip."""

_WORDS = {
    ATTACHMENT: (
        "Attach", "Attached", "Attach-File", "Attached-File", "Attached-Files", "Attachment-File", "Attachment-Path",
        "Attachment-Name", "Attachment-1", "Attachment-2", "Attachment-3", "Attachment1", "Attachment2", "Attachment3",
        "File", "Files", "Filename", "Filenames", "File-Name", "Enclosure", "Enclosures", "Inline",
        "Anhang", "Anhänge", "Anlage", "Anlagen", "Datei", "Dateien", "Bijlage", "Bijlagen", "Adjunto", "Adjuntos",
        "Allegato", "Allegati", "Anexo", "Anexos", "Liitteet", "Bilaga", "Bilagor", "Bilag", "Vedlegg", "Załącznik",
        "Piece-Jointe", "Pieces-Jointes", "Pièce-Jointe", "Pièces-Jointes", "Вложение", "Příloha",
    ),
    "Subject": ("Betreff", "Betr", "Objet", "Asunto", "Oggetto", "Assunto", "Onderwerp", "Ämne", "Emne", "Temat",
                "Тема", "Title", "Subject-Line"),
    "From": ("Von", "Absender", "De", "Da", "Van", "Från", "Fra", "From-Name", "From-Email", "From-Address"),
    "To": ("An", "Para", "Empfänger", "Aan", "Till", "Recipient", "Recipients", "To-Email", "To-Address"),
    "Cc": ("Kopie", "Carbon-Copy", "Copy-To", "Copie", "Copia"),
    "Bcc": ("Blindkopie", "Blind-Copy", "Blind-Carbon-Copy"),
    "Reply-To": ("Antwort-An", "Antworten-An", "Replies-To", "Reply", "Répondre-À", "Responder-A", "Rispondi-A",
                 "Reply-Address"),
    "Content-Type": ("Body-Type",),
}  # fmt: skip
"""Other words for a field, as other programs and languages have them."""

_LEAST = 2
_SHORT = 6
"""Letters of a name in which one slip is as many as there may be; a longer one may have two."""
_JOINTS = re.compile(r"[-_ \t.]+")


def _joined(name: str) -> str:
    return _JOINTS.sub("", name).casefold()


_KNOWN = frozenset(name.lower() for name in (*_MEANT, *_OTHERS))
_PLAIN = {_joined(name): name for name in _MEANT}
_SAID = {_joined(word): name for name, words in _WORDS.items() for word in words}


@lru_cache(1024)
def name_meant(name: str) -> str | None:
    """The known header name that ``name`` was meant to be; None for a name that is known or is like none.

    ``X-`` names are left alone, and so is a name with a prefix of its own such as ``Acme-Id``.
    """
    lowered = name.strip().lower()
    if lowered in _KNOWN or lowered.startswith("x-"):
        return None
    joined = _joined(name)
    if joined in _PLAIN:
        return _PLAIN[joined]
    if joined in _SAID:
        return _SAID[joined]
    if len(joined) < _LEAST:
        return None
    most = 1 if len(joined) <= _SHORT else 2
    near = [(distance, plain) for plain in _PLAIN if (distance := _distance(joined, plain, most)) <= most]
    if len(joined) == _LEAST:
        # Two letters are near to two others: the first one has to be right, or both of them swapped.
        near = [pair for pair in near if pair[1][0] == joined[0] or sorted(pair[1]) == sorted(joined)]
    return _PLAIN[min(near)[1]] if near else None


def means_attachment(name: str) -> bool:
    """Whether ``name`` is a word for a file that is to be attached."""
    return name.strip().lower() == ATTACHMENT.lower() or name_meant(name) == ATTACHMENT


def _distance(one: str, other: str, most: int) -> int:
    """How many letters have to be put in, taken out, changed or swapped with the next one; more than ``most`` is
    ``most + 1`` (optimal string alignment)."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, beside in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != beside))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == beside:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return min(last[-1], most + 1)
