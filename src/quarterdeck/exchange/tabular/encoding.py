"""Which characters the bytes of a text file are."""

import codecs

from charset_normalizer import from_bytes

from quarterdeck.exchange.tabular.errors import NotASpreadsheet, NullCharacters

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What spreadsheet programs write besides Unicode: Windows (west, central, Cyrillic), old Mac and DOS exports.
PLAUSIBLE = ["cp1252", "cp1250", "cp1251", "mac_roman", "cp850"]
SAMPLE = 64 * 1024


def decode(data: bytes) -> tuple[str, str]:
    """
    Text and the name of its encoding: byte order mark first, then strict UTF-8, then the likeliest old encoding.

    Raises
    ------
    NullCharacters, NotASpreadsheet : the bytes are no text.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _checked(_strict(data, encoding), encoding)
    without_mark = _wide(data)
    if without_mark:
        return _checked(_strict(data, without_mark), without_mark)
    if b"\0" in data:
        raise NullCharacters(line=data[: data.index(b"\0")].count(b"\n") + 1)
    try:
        return _checked(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        encoding = _likeliest(data)
    return _checked(data.decode(encoding, errors="replace"), encoding)


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise NotASpreadsheet(what="a file of no known characters") from None


def _wide(data: bytes) -> str:
    """UTF-16 without its mark: in western text every second byte is zero."""
    sample = data[:SAMPLE]
    pairs = len(sample) // 2
    if pairs < 4 or len(data) % 2:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > pairs * 0.4 and even < pairs * 0.02:
        return "utf-16-le"
    if even > pairs * 0.4 and odd < pairs * 0.02:
        return "utf-16-be"
    return ""


def _likeliest(data: bytes) -> str:
    """One of the plausible encodings; the western Windows one unless another is clearly better."""
    beyond_ascii = b"\n".join(line for line in data.splitlines() if not line.isascii())[:SAMPLE]
    found = {match.encoding: match for match in from_bytes(beyond_ascii, cp_isolation=PLAUSIBLE)}
    western = _readable(beyond_ascii, "cp1252")
    # The detector counts cp1250 as cp1252's twin and names either; only letters west of the Oder tell them apart.
    if not found or western:
        return "cp1252"
    return min(found.values(), key=lambda match: (match.chaos, -match.coherence)).encoding


WESTERN = set("äöüßÄÖÜéèêëàâáãåçíìîïñóòôõúùûøæœÉÈÀÂÅÇÑÓØÆŠšŽž–—‘’‚“”„•…€£§°²³½·®©™\u00a0«»¡¿´×±")


def _readable(data: bytes, encoding: str) -> bool:
    """Whether nearly everything beyond ASCII is a letter or sign that western texts have."""
    try:
        strange = [letter for letter in data.decode(encoding) if letter > "\x7f"]
    except UnicodeDecodeError:
        return False
    return sum(letter in WESTERN for letter in strange) >= 0.97 * len(strange)


def _checked(text: str, encoding: str) -> tuple[str, str]:
    """Refuse what decodes but is no text: zero characters, and many control characters."""
    if "\0" in text:
        raise NullCharacters(line=text[: text.index("\0")].count("\n") + 1)
    sample = text[:SAMPLE]
    odd = sum(1 for letter in sample if (letter < " " and letter not in "\t\r\n\f\v\x1a") or letter == "\ufffd")
    if odd > max(2, len(sample) // 200):
        raise NotASpreadsheet(what="a file of bytes that are no text")
    return text, encoding
