"""The phrases of the box: the bundled ones, each replaced by the site's own recording where there is one."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import Field

from edgeguard.actuators.audio import Pcm, decode
from edgeguard.errors import AudioError
from edgeguard.types import SpeechPriority
from edgeguard.yamlfile import Strict, load

BUNDLED = Path(str(files("edgeguard"))) / "phrases"
SOUND_SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".opus")


class _TextRow(Strict):
    text: str = Field(min_length=1)
    file: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class _PhraseRow(Strict):
    priority: Literal["information", "warning", "escalation"]
    on_request: bool = False
    languages: dict[str, _TextRow]


class _Sheet(Strict):
    chime_s: float = Field(ge=0.0, le=3.0)
    phrases: dict[str, _PhraseRow]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A phrase in one language, ready to be played; `speech_from` is the sample behind the chime."""

    language: str
    text: str
    pcm: Pcm
    speech_from: int = 0
    own: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """What can be said; `on_request`: only where the site lists it."""

    name: str
    priority: SpeechPriority
    on_request: bool
    clips: Mapping[str, Clip]


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """All phrases, decoded at one rate."""

    rate_hz: int
    phrases: Mapping[str, Phrase]

    def __getitem__(self, name: str) -> Phrase:
        if name not in self.phrases:
            raise AudioError(f"no phrase {name!r}; accepted: {', '.join(sorted(self.phrases))}")
        return self.phrases[name]

    def __iter__(self) -> Iterator[Phrase]:
        return iter(self.phrases.values())

    def check_names(self, names: Iterable[str], where: str) -> None:
        """Raise AudioError for a name that is no phrase; `where` tells who used it."""
        unknown = sorted(set(names) - set(self.phrases))
        if unknown:
            raise AudioError(f"{where}: no phrase {unknown[0]!r}; accepted: {', '.join(sorted(self.phrases))}")


def load_catalogue(
    rate_hz: int, languages: Iterable[str] = (), recordings_dir: Path | None = None, bundled: Path = BUNDLED
) -> Catalogue:
    """Decode every phrase at `rate_hz`; each of `languages` must be there for every phrase.

    A file `<phrase>.<language>.<wav|flac|mp3|ogg|opus>` in `recordings_dir` takes the place of the bundled one, or adds
    a language. Raises AudioError that names the file which is missing, damaged or fits no phrase.
    """
    sheet = load(bundled / "phrases.yaml", _Sheet, AudioError)
    phrases = {name: _bundled_phrase(name, row, sheet.chime_s, bundled, rate_hz) for name, row in sheet.phrases.items()}
    for name, clip in _recordings(recordings_dir, phrases, rate_hz):
        phrases[name] = replace(phrases[name], clips={**phrases[name].clips, clip.language: clip})
    for language in languages:
        _check_language(language, phrases)
    return Catalogue(rate_hz, phrases)


def _bundled_phrase(name: str, row: _PhraseRow, chime_s: float, folder: Path, rate_hz: int) -> Phrase:
    clips = {}
    for language, text in row.languages.items():
        path = folder / text.file
        _check_sha256(path, text.sha256)
        clips[language] = Clip(language, text.text, decode(path, rate_hz), speech_from=round(chime_s * rate_hz))
    return Phrase(name, SpeechPriority[row.priority.upper()], row.on_request, clips)


def _check_sha256(path: Path, expected: str) -> None:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise AudioError(f"{path}: cannot be read: {error.strerror}") from error
    if found != expected:
        raise AudioError(f"{path}: damaged: its sha256 is {found}, expected {expected}")


def _recordings(folder: Path | None, phrases: Mapping[str, Phrase], rate_hz: int) -> Iterator[tuple[str, Clip]]:
    if folder is None:
        return
    if not folder.is_dir():
        raise AudioError(f"recordings_dir {folder} is not a folder")
    seen: dict[tuple[str, str], Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        name, language = _parse_name(path, phrases)
        other = seen.setdefault((name, language), path)
        if other is not path:
            raise AudioError(f"{path}: {other.name} is the same phrase and language; accepted: one of them")
        yield name, Clip(language, f"own recording {path.name}", decode(path, rate_hz), own=True)


def _parse_name(path: Path, phrases: Mapping[str, Phrase]) -> tuple[str, str]:
    name, _, language = path.stem.partition(".")
    if not language.isalpha() or path.suffix.lower() not in SOUND_SUFFIXES:
        suffixes = "|".join(suffix[1:] for suffix in SOUND_SUFFIXES)
        raise AudioError(f"{path}: not a recording; accepted: <phrase>.<language>.<{suffixes}>")
    if name not in phrases:
        raise AudioError(f"{path}: no phrase {name!r}; accepted: {', '.join(sorted(phrases))}")
    return name, language


def _check_language(language: str, phrases: Mapping[str, Phrase]) -> None:
    for phrase in phrases.values():
        if language not in phrase.clips:
            raise AudioError(f"phrase {phrase.name} is not there in {language!r}; accepted: {', '.join(phrase.clips)}")
