"""`edgeguard speak`: play a phrase as the box would, to try loudspeaker, volume and the site's recordings."""

import argparse
import json
import queue
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edgeguard.actuators.alsa_output import list_devices
from edgeguard.actuators.build import RATE_WITHOUT_OUTPUT_HZ, build_voice
from edgeguard.actuators.catalogue import Catalogue, load_catalogue
from edgeguard.actuators.config import AlsaOutputConfig, FileOutputConfig, OutputConfig, VoiceConfig
from edgeguard.errors import AudioError, ConfigError
from edgeguard.types import Playback, Say

EPILOG = """examples:
  edgeguard speak --list                      what can be said, and its text
  edgeguard speak --devices                   the sound devices of this machine
  edgeguard speak test                        try the loudspeaker, in every language
  edgeguard speak ebike_leave --language en --output alsa:USB
  edgeguard speak ebike_leave --output file:heard.wav

exit status: 0 played, 1 not played, 2 wrong input"""

# Longest phrase in every language, and a device that takes its time to open.
ANSWER_S = 180.0


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "speak",
        help="play a phrase through the box's voice",
        description="Play a phrase as the box would.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("phrase", nargs="?", metavar="PHRASE", help="such as test or ebike_leave; see --list")
    parser.add_argument(
        "--language", action="append", metavar="CODE", help="zh, en ...; several in this order (default: zh, en)"
    )
    parser.add_argument(
        "--output", default="alsa", metavar="OUTPUT", help="alsa, alsa:DEVICE or file:PATH.wav (default: %(default)s)"
    )
    parser.add_argument("--volume-db", type=float, default=0.0, metavar="DB", help="-60 to 0 (default: %(default)s)")
    parser.add_argument(
        "--recordings", type=Path, metavar="FOLDER", help="the site's own recordings, <phrase>.<language>.<wav|...>"
    )
    parser.add_argument("--list", action="store_true", help="list the phrases")
    parser.add_argument("--devices", action="store_true", help="list the sound devices")
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")


def run(args: argparse.Namespace) -> int:
    if args.devices:
        return _list_devices(as_json=args.json)
    if args.list:
        return _list_phrases(load_catalogue(RATE_WITHOUT_OUTPUT_HZ, (), args.recordings), as_json=args.json)
    if args.phrase is None:
        raise ConfigError("no phrase given; accepted: a name that `edgeguard speak --list` shows")
    playback = _speak(_config(args), args.phrase)
    _print_playback(playback, as_json=args.json)
    return 0 if playback.result == "played" else 1


def _config(args: argparse.Namespace) -> VoiceConfig:
    try:
        return VoiceConfig(
            output=_output(args.output),
            languages=tuple(args.language or ("zh", "en")),
            volume_db=args.volume_db,
            recordings_dir=args.recordings,
            # Who asks for a phrase by hand wants to hear it.
            optional_phrases=frozenset({args.phrase}),
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = "--" + "-".join(str(part) for part in first["loc"]).replace("_", "-")
        raise ConfigError(f"{where}: {first['msg']}, but got {first['input']!r}") from error


def _output(text: str) -> OutputConfig:
    kind, _, rest = text.partition(":")
    if kind == "alsa":
        return AlsaOutputConfig(kind="alsa", device=rest or "default")
    if kind == "file" and rest:
        return FileOutputConfig(kind="file", path=Path(rest))
    raise ConfigError(f"--output: {text!r} is no output; accepted: alsa, alsa:DEVICE, file:PATH.wav")


def _speak(config: VoiceConfig, phrase: str) -> Playback:
    done: queue.SimpleQueue[Playback] = queue.SimpleQueue()
    voice = build_voice(config, done.put)
    priority = voice.catalogue[phrase].priority
    with voice:
        voice.say(Say(phrase, priority))
        try:
            return done.get(timeout=ANSWER_S)
        except queue.Empty as error:
            raise AudioError(f"no answer from {voice.health().output} within {ANSWER_S:.0f} s: it hangs") from error


def _print_playback(playback: Playback, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_plain(playback), ensure_ascii=False))
        return
    detail = f": {playback.detail}" if playback.detail else ""
    print(f"{playback.phrase} ({playback.language}) on {playback.output}: {playback.result}{detail}")


def _plain(playback: Playback) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(playback).items()
    }


def _list_phrases(catalogue: Catalogue, *, as_json: bool) -> int:
    rows = [
        {
            "phrase": phrase.name,
            "language": clip.language,
            "priority": phrase.priority.name.lower(),
            "on_request": phrase.on_request,
            "own_recording": clip.own,
            "length_s": round(len(clip.pcm) / catalogue.rate_hz, 2),
            "text": clip.text,
        }
        for phrase in catalogue
        for clip in phrase.clips.values()
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        how = f"{row['phrase']:<16}{row['language']:<4}{row['priority']:<13}{row['length_s']:>5.1f} s"
        print(how, row["text"], "(only where the site lists it)" if row["on_request"] else "")
    return 0


def _list_devices(*, as_json: bool) -> int:
    names = list_devices()
    print(json.dumps(names, ensure_ascii=False) if as_json else "\n".join(names) or "no sound device")
    return 0 if names else 1
