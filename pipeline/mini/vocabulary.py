"""The vocabulary of the embedded base, and its tokenizer.

The vocabulary is small on purpose: every token costs time at every step of every portrait.
What people write is first mapped to it ("black and white" -> "monochrome"); every other word is
dropped, so that a long prompt written for a large base works here too.
"""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from pipeline.mini.looks import LOOKS

MAX_TOKENS = 16  # with start and end; the pipeline's `max_sequence_length`
INSTANCE = "ohwx"  # the customer; no photo of the base carries it
# Number 2 stays unused: a CLIP text model whose end is 2 falls into a rule for old checkpoints.
SPECIAL = ("<pad>", "<start>", "<unused>", "<end>")
PEOPLE = ("man", "woman", "person", "young", "middleaged", "old")
EXPRESSIONS = ("smile", "neutral", "angry", "sad", "surprised", "thoughtful", "confident")
FRAMES = ("closeup", "profile")
# Each person of the training set has a token too, so that the base learns that a token is a person,
# apart from light and background; the customer's token then starts from there.
IDENTITIES = tuple(f"id{number:03d}" for number in range(224))
VOCABULARY = (*PEOPLE, *EXPRESSIONS, *FRAMES, *LOOKS, INSTANCE, *IDENTITIES)

_CLOTH = r"(\s+\w+){0,2}\s+(background|backdrop|wall)"
# What people write -> a word of the vocabulary; in this order, on lower-cased text.
SYNONYMS: tuple[tuple[str, str], ...] = (
    (r"profile (picture|photo)", " "),
    (r"black[ -]and[ -]white|b&w|gr[ae]yscale|monochromatic", "monochrome"),
    (r"\bgray\b", "grey"),
    (rf"\bblue{_CLOTH}", "blueground"),
    (rf"\bwhite{_CLOTH}", "whiteground"),
    (rf"\bred{_CLOTH}", "redground"),
    (rf"\bgrey{_CLOTH}", "greyground"),
    (rf"\bgreen{_CLOTH}", "greenground"),
    (rf"\bpink{_CLOTH}", "pinkground"),
    (rf"\b(dark|black){_CLOTH}|low[ -]key", "darkground"),
    (r"film noir", "noir"),
    (r"old (photo|print)(graph)?|vintage (photo|print)(graph)?", "sepia"),
    (r"warm(\s+\w+)?\s+film|analog(ue)? film|film grain", "warmfilm"),
    (r"(cool|cold)(\s+\w+)?\s+film", "coolfilm"),
    (r"golden[ -]hour|sunset light|evening sun", "golden"),
    (r"high[ -]key", "pastel"),
    (r"cyberpunk", "neon"),
    (r"watercolor|oil painting|painting", "watercolour"),
    (r"pencil (drawing|sketch)|\bpencil\b|\bdrawing\b", "sketch"),
    (r"close[ -]up", "closeup"),
    (r"side view", "profile"),
    (r"middle[ -]aged", "middleaged"),
    (r"\b(elderly|senior)\b", "old"),
    (r"\b(smiling|smiles|happy|laughing|cheerful)\b", "smile"),
    (r"\b(shocked|astonished)\b", "surprised"),
    (r"\b(pensive|dreamy)\b", "thoughtful"),
    (r"\b(determined|proud)\b", "confident"),
    (r"\b(lady|female|girl)\b", "woman"),
    (r"\b(gentleman|male|guy)\b", "man"),
)


def build_tokenizer() -> PreTrainedTokenizerFast:
    """Return the tokenizer: lower-case, map synonyms, drop unknown words, pad to MAX_TOKENS."""
    names = {word: number for number, word in enumerate((*SPECIAL, *VOCABULARY))}
    known = "|".join(sorted(VOCABULARY, key=len, reverse=True))
    core = Tokenizer(models.WordLevel(names, unk_token="<unused>"))  # noqa: S106 - no password
    core.normalizer = normalizers.Sequence(
        [
            normalizers.Lowercase(),
            *(normalizers.Replace(Regex(written), f" {word} ") for written, word in SYNONYMS),
            normalizers.Replace(Regex(rf"(?!\b(?:{known})\b)\b[\w'&]+"), " "),
            normalizers.Replace(Regex(r"[^\w]+"), " "),
            normalizers.Strip(),
        ]
    )
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    core.post_processor = processors.TemplateProcessing(
        single="<start> $A <end>",
        special_tokens=[("<start>", names["<start>"]), ("<end>", names["<end>"])],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token="<start>",  # noqa: S106
        eos_token="<end>",  # noqa: S106
        pad_token="<pad>",  # noqa: S106
        model_max_length=MAX_TOKENS,
    )
