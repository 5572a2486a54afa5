# ruff: noqa: ANN401 - Blender has no type stubs
"""The only module that touches Blender: things and a mount in, a picture and an index map out."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import bpy
import cv2
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from .cabin import Cabin
from .fittings import Lamp
from .kit import Floats, Look, Part, Thing
from .mounts import Mount

EXPOSURE_STOPS: Final = 0.6


class Studio:
    """One Cycles scene. `put` things in, `shoot` from a mount; `clear` empties it again."""

    def __init__(self, samples: int = 2, threads: int = 1, *, persistent: bool = False) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self._scene = bpy.context.scene
        self._folder = Path(tempfile.mkdtemp(prefix="studio-"))
        self._looks: dict[int, Any] = {}
        self._kept: list[Look] = []
        self._configure(samples, threads)
        # Between cabins the kept data would give one picture's textures to the next: only for a fixed scene.
        self._scene.render.use_persistent_data = persistent
        self._camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
        self._scene.collection.objects.link(self._camera)
        self._scene.camera = self._camera

    def _configure(self, samples: int, threads: int) -> None:
        scene = self._scene
        scene.render.engine = "CYCLES"
        cycles = scene.cycles
        cycles.device, cycles.samples, cycles.use_adaptive_sampling = "CPU", samples, False
        cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
        # Prefiltering the guides doubles the time of a picture and cannot be told from this.
        cycles.denoising_input_passes, cycles.denoising_prefilter = "RGB_ALBEDO_NORMAL", "FAST"
        cycles.denoising_quality = "FAST"
        cycles.use_light_tree = False  # two to five lamps
        cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 4, 2, 3
        cycles.caustics_reflective = cycles.caustics_refractive = False
        cycles.sample_clamp_indirect, cycles.sample_clamp_direct = 3.0, 12.0
        cycles.blur_glossy = 1.0
        scene.render.threads_mode, scene.render.threads = "FIXED", threads
        scene.render.resolution_percentage = 100
        scene.view_settings.view_transform, scene.view_settings.look = "Filmic", "High Contrast"
        scene.view_settings.exposure = EXPOSURE_STOPS
        scene.render.image_settings.file_format = "BMP"
        scene.world = bpy.data.worlds.new("world")
        scene.world.use_nodes = True
        scene.world.node_tree.nodes["Background"].inputs[0].default_value = (0.02, 0.02, 0.02, 1)
        self._index_output(scene)

    def _index_output(self, scene: Any) -> None:
        scene.view_layers[0].use_pass_object_index = True
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        layers, composite = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeComposite")
        tree.links.new(layers.outputs["Image"], composite.inputs["Image"])
        out = tree.nodes.new("CompositorNodeOutputFile")
        out.base_path = str(self._folder)
        out.file_slots[0].path = "index"
        out.format.file_format, out.format.color_depth, out.format.color_mode = "OPEN_EXR", "32", "RGB"
        tree.links.new(layers.outputs["IndexOB"], out.inputs[0])

    def clear(self) -> None:
        """Forget everything but the camera."""
        for thing in list(bpy.data.objects):
            if thing is not self._camera:
                bpy.data.objects.remove(thing)
        for store in (bpy.data.meshes, bpy.data.materials, bpy.data.lights, bpy.data.images):
            for item in list(store):
                store.remove(item)
        self._looks.clear()
        self._kept.clear()

    def put(self, thing: Thing, index: int) -> list[Any]:
        """Add a thing under an object index (0 = background); gives the handles for `take_away`."""
        groups: dict[tuple[int, bool, bool], list[Part]] = {}
        for part in thing.parts:
            groups.setdefault((id(part.look), part.mesh.smooth, part.mesh.uv is not None), []).append(part)
        return [self._object(parts, thing.kind, index) for parts in groups.values()]

    def take_away(self, handles: Sequence[Any]) -> None:
        for handle in handles:
            mesh = handle.data
            bpy.data.objects.remove(handle)
            bpy.data.meshes.remove(mesh)

    def _object(self, parts: list[Part], name: str, index: int) -> Any:
        data = _mesh(parts, name)
        data.materials.append(self._material(parts[0].look))
        handle = bpy.data.objects.new(name, data)
        handle.pass_index = index
        self._scene.collection.objects.link(handle)
        return handle

    def _material(self, look: Look) -> Any:
        if id(look) not in self._looks:
            self._kept.append(look)  # keeps the id from being given to another look
            self._looks[id(look)] = _material(look)
        return self._looks[id(look)]

    def light(self, lamps: Sequence[Lamp], gain: float = 1.0) -> None:
        for lamp in lamps:
            data = bpy.data.lights.new("lamp", "AREA")
            data.shape, data.size, data.size_y = "RECTANGLE", lamp.size_m[0], lamp.size_m[1]
            data.energy, data.color = lamp.power_w * gain, lamp.rgb
            handle = bpy.data.objects.new("lamp", data)
            handle.location = lamp.centre
            handle.visible_camera = False
            self._scene.collection.objects.link(handle)

    def furnish(self, room: Cabin, gain: float = 1.0) -> None:
        self.put(room.shell, 0)
        self.light(room.lamps, gain)

    def daylight(self, toward: Floats, sun_w_m2: float, sky: float) -> None:
        """Out of doors: the sun shines `toward` (3,)."""
        data = bpy.data.lights.new("sun", "SUN")
        data.energy, data.angle = sun_w_m2, np.radians(2.0)
        handle = bpy.data.objects.new("sun", data)
        handle.rotation_mode = "QUATERNION"
        handle.rotation_quaternion = Vector(toward.tolist()).to_track_quat("-Z", "Y")
        self._scene.collection.objects.link(handle)
        self.sky(sky)

    def sky(self, radiance: float) -> None:
        """A grey-blue one."""
        colour = (0.85 * radiance, 0.95 * radiance, radiance, 1)
        self._scene.world.node_tree.nodes["Background"].inputs[0].default_value = colour

    def lamp(self, at: Sequence[float], watts: float) -> None:
        """A small one, as cameras have around their lens."""
        data = bpy.data.lights.new("lamp", "POINT")
        data.energy, data.shadow_soft_size = watts, 0.03
        handle = bpy.data.objects.new("lamp", data)
        handle.location = at
        self._scene.collection.objects.link(handle)

    def shoot(
        self, view: Mount, seed: int, window: tuple[float, float, float, float] | None = None
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Render: picture (h, w, 3) uint8 BGR and index map (h, w) uint8.

        `window` x0, y0, x1, y1 in 0..1 of the picture: only this is rendered, the rest is black.
        """
        self._aim(view)
        render = self._scene.render
        render.use_border = window is not None
        if window is not None:
            render.border_min_x, render.border_max_x = window[0], window[2]
            render.border_min_y, render.border_max_y = 1 - window[3], 1 - window[1]
        self._scene.cycles.seed = seed % 2**31
        self._scene.frame_current = 1
        picture = self._folder / "picture.bmp"
        self._scene.render.filepath = str(picture)
        with _silent():
            bpy.ops.render.render(write_still=True)
        index_file = next(self._folder.glob("index*.exr"))
        index = _read_exr(index_file)
        index_file.unlink()
        image = cv2.imread(str(picture), cv2.IMREAD_COLOR)
        return np.asarray(image, np.uint8), index

    def _aim(self, view: Mount) -> None:
        render, data = self._scene.render, self._camera.data
        render.resolution_x, render.resolution_y = view.width_px, view.height_px
        data.sensor_fit, data.sensor_width, data.sensor_height = (
            "HORIZONTAL",
            36.0,
            36.0 * view.height_px / view.width_px,
        )
        data.clip_start = 0.02
        if view.fisheye:
            data.type, data.panorama_type = "PANO", "FISHEYE_EQUISOLID"
            data.fisheye_lens, data.fisheye_fov = view.focal_px * 36.0 / view.width_px, np.radians(230.0)
        else:
            data.type, data.angle_x = "PERSP", np.radians(view.fov_deg)
        matrix = np.eye(4)
        matrix[:3, :3] = view.rotation().T
        matrix[:3, 3] = view.place_m
        self._camera.matrix_world = matrix.T.tolist()


def _mesh(parts: list[Part], name: str) -> Any:
    offsets = np.cumsum([0] + [len(p.mesh.vertices) for p in parts[:-1]])
    vertices = np.concatenate([p.mesh.vertices for p in parts])
    faces = np.concatenate([p.mesh.faces + o for p, o in zip(parts, offsets, strict=True)])
    triangle = faces[:, 2] == faces[:, 3]
    sizes = np.where(triangle, 3, 4)
    keep = np.ones(faces.shape, bool)
    keep[triangle, 3] = False
    corners = faces[keep]
    data = bpy.data.meshes.new(name)
    data.vertices.add(len(vertices))
    data.vertices.foreach_set("co", vertices.astype(np.float32).ravel())
    data.loops.add(len(corners))
    data.loops.foreach_set("vertex_index", corners.astype(np.int32))
    data.polygons.add(len(faces))
    data.polygons.foreach_set("loop_start", np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32))
    data.polygons.foreach_set("use_smooth", np.full(len(faces), parts[0].mesh.smooth))
    _unwrap(data, parts, corners)
    data.update(calc_edges=True)
    return data


def _unwrap(data: Any, parts: list[Part], corners: Floats) -> None:
    maps = [p.mesh.uv for p in parts if p.mesh.uv is not None]
    if maps:
        layer = data.uv_layers.new(name="uv")
        layer.data.foreach_set("uv", np.concatenate(maps)[corners].astype(np.float32).ravel())


def _material(look: Look) -> Any:
    material = bpy.data.materials.new("look")
    material.use_nodes = True
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*look.rgb, 1.0)
    shader.inputs["Roughness"].default_value = look.roughness
    shader.inputs["Metallic"].default_value = look.metallic
    colour = _colour_socket(tree, look)
    if colour is not None:
        tree.links.new(colour, shader.inputs["Base Color"])
    if look.emission > 0:
        material.cycles.emission_sampling = "NONE"  # it only has to glow; the lamps light the cabin
        shader.inputs["Emission Strength"].default_value = look.emission
        shader.inputs["Emission Color"].default_value = (*look.rgb, 1.0)
        if colour is not None:
            tree.links.new(colour, shader.inputs["Emission Color"])
    return material


def _colour_socket(tree: Any, look: Look) -> Any:
    if look.image is not None:
        node = tree.nodes.new("ShaderNodeTexImage")
        node.image = _image(look.image)
        return node.outputs["Color"]
    kinds = {"noise": "ShaderNodeTexNoise", "checker": "ShaderNodeTexChecker", "stripes": "ShaderNodeTexWave"}
    if look.pattern not in kinds:
        return None
    node = tree.nodes.new(kinds[look.pattern])
    node.inputs["Scale"].default_value = look.scale
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    tree.links.new(coordinates.outputs["Object"], node.inputs["Vector"])
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].position, ramp.color_ramp.elements[1].position = 0.45, 0.55
    ramp.color_ramp.elements[0].color, ramp.color_ramp.elements[1].color = (*look.rgb, 1.0), (*look.rgb2, 1.0)
    tree.links.new(node.outputs["Fac"], ramp.inputs["Fac"])
    return ramp.outputs["Color"]


def _image(pixels: NDArray[np.uint8]) -> Any:
    h, w = pixels.shape[:2]
    image = bpy.data.images.new("image", w, h)
    rgba = np.ones((h, w, 4), np.float32)
    rgba[..., :3] = pixels[::-1].astype(np.float32) / 255
    image.pixels.foreach_set(rgba.ravel())
    image.pack()
    return image


def _read_exr(path: Path) -> NDArray[np.uint8]:
    image = bpy.data.images.load(str(path))
    w, h = image.size
    values = np.empty(w * h * image.channels, np.float32)
    image.pixels.foreach_get(values)
    out = values.reshape(h, w, image.channels)[::-1, :, 0]
    bpy.data.images.remove(image)
    return np.round(out).astype(np.uint8)


class _silent:  # noqa: N801 - reads as a statement
    """Blender prints each frame from C: nothing else can hush it."""

    def __enter__(self) -> None:
        self._saved = os.dup(1)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)

    def __exit__(self, *_: object) -> None:
        os.dup2(self._saved, 1)
        os.close(self._saved)
