"""The GLSL code of the OpenGL renderer, which reproduces TinyRenderer's projection, texture lookup and lighting.

Two properties split the parts into four kinds, each with its own program, because fragments are what costs in software:
FLAT parts (boxes, planes) have one normal per face, so that their light is computed per vertex; PLAIN parts have no
texture.

What is reproduced, from bullet3 ``examples/TinyRenderer`` (TinyRenderer.cpp, our_gl.cpp, model.cpp):
- a pixel is sampled at its integer window coordinate, not at its centre: hence the half-pixel shift;
- base = trunc(texel * rgba), colour = trunc(min(255, ambient * base + diffuse * max(0, n . l) * light * base));
- texel = nearest, trunc(fract(uv) * size), v up.
"""

from __future__ import annotations

_COMMON = """
struct Tile {
    mat4 clip;       // world to clip coordinates, y down
    vec4 light;      // unit vector towards the light
    vec4 gain;       // diffuse coefficient times light colour; w: ambient coefficient
    vec4 forward;    // unit vector along the optical axis; w: the eye's coordinate on it
    vec4 background; // w: the far plane, metres
};
layout(std430, binding = 0) readonly buffer Tiles { Tile tiles[]; };
"""

VERTEX = """
layout(std430, binding = 1) readonly buffer Poses { vec4 poses[]; };  // per frame: position, then quaternion xyzw

in vec3 in_position;
in vec3 in_normal;
in vec2 in_uv;
in vec3 in_place;    // of the shape in its frame
in vec4 in_turn;     // quaternion xyzw of the shape in its frame
in vec3 in_scale;
in vec4 in_rgba;
in vec4 in_rect;     // x, y, width, height of the texture in the atlas, texels
in ivec3 in_ids;     // tile, frame, segmentation

#ifdef FLAT
flat out vec3 shade;
#else
out vec3 normal;
flat out vec3 towards_light;
flat out vec4 gain;
#endif
#ifndef PLAIN
out vec2 uv;
flat out vec4 rect;
#endif
flat out vec3 base;
#ifdef MORE
flat out int segmentation;
out float distance_m;
#endif
#ifdef HIGH_QUALITY
uniform mat4 shadow_clip;  // world to the shadow map's texture coordinates
out vec3 world;
out vec3 shadow_place;
#endif

vec3 turned(vec4 q, vec3 v) { return v + 2.0 * cross(q.xyz, cross(q.xyz, v) + q.w * v); }

void main() {
    Tile tile = tiles[in_ids.x];
    vec4 pose_turn = poses[2 * in_ids.y + 1];
    vec3 point = turned(pose_turn, turned(in_turn, in_scale * in_position) + in_place) + poses[2 * in_ids.y].xyz;
    vec3 n = turned(pose_turn, turned(in_turn, in_normal));
    gl_Position = tile.clip * vec4(point, 1.0);
    gl_Layer = in_ids.x;
    base = in_rgba.rgb;
#ifdef PLAIN
    base = floor(255.0 * in_rgba.rgb);
#else
    uv = in_uv;
    rect = in_rect;
#endif
#ifdef FLAT
    shade = tile.gain.w + tile.gain.rgb * max(0.0, dot(normalize(n), tile.light.xyz));
#ifdef PLAIN
    shade = floor(min(base * shade, 255.0)) / 255.0;
#endif
#else
    normal = n;
    towards_light = tile.light.xyz;
    gain = tile.gain;
#endif
#ifdef MORE
    segmentation = in_ids.z;
    distance_m = dot(tile.forward.xyz, point) - tile.forward.w;
#endif
#ifdef HIGH_QUALITY
    world = point;
    base = in_rgba.rgb;
    shadow_place = (shadow_clip * vec4(point, 1.0)).xyz;
#endif
}
"""

FRAGMENT = """
layout(binding = 0) uniform sampler2D atlas;

#ifdef FLAT
flat in vec3 shade;
#else
in vec3 normal;
flat in vec3 towards_light;
flat in vec4 gain;
#endif
#ifndef PLAIN
in vec2 uv;
flat in vec4 rect;
#endif
flat in vec3 base;
layout(location = 0) out vec4 out_rgba;
#ifdef MORE
flat in int segmentation;
in float distance_m;
layout(location = 1) out float out_distance_m;
layout(location = 2) out int out_segmentation;
#endif

void main() {
#ifdef PLAIN
    vec3 albedo = base;
#else
    vec3 texel = texelFetch(atlas, ivec2(rect.xy) + ivec2(fract(uv) * rect.zw), 0).rgb;
    vec3 albedo = floor(floor(texel * 255.0 + 0.5) * base);
#endif
#ifdef FLAT
#ifdef PLAIN
    out_rgba = vec4(shade, 1.0);
#else
    out_rgba = vec4(floor(min(albedo * shade, 255.0)) / 255.0, 1.0);
#endif
#else
    float facing = max(0.0, dot(normal, towards_light) * inversesqrt(dot(normal, normal)));
    out_rgba = vec4(floor(min(albedo * (gain.w + gain.rgb * facing), 255.0)) / 255.0, 1.0);
#endif
#ifdef MORE
    out_distance_m = distance_m;
    out_segmentation = segmentation;
#endif
}
"""

SHAPE_VERTEX = """
layout(std430, binding = 1) readonly buffer Poses { vec4 poses[]; };
uniform mat4 clip;  // world to clip coordinates
uniform float highest_m;  // higher points are cut off
in vec3 in_position;
in vec3 in_place;
in vec4 in_turn;
in vec3 in_scale;
in ivec3 in_ids;

vec3 turned(vec4 q, vec3 v) { return v + 2.0 * cross(q.xyz, cross(q.xyz, v) + q.w * v); }

void main() {
    vec3 point = turned(in_turn, in_scale * in_position) + in_place;
    point = turned(poses[2 * in_ids.y + 1], point) + poses[2 * in_ids.y].xyz;
    gl_Position = clip * vec4(point, 1.0);
    gl_ClipDistance[0] = highest_m - point.z;
}
"""

SHADOW_FRAGMENT = """
void main() {}
"""

HIGH_QUALITY_FRAGMENT = """
layout(binding = 0) uniform sampler2D atlas;
layout(binding = 1) uniform sampler2DShadow shadows;
uniform vec3 eye;
uniform float softness;  // radius of the shadow's edge, in the shadow map's texture coordinates

in vec3 world;
in vec3 normal;
in vec3 shadow_place;
flat in vec3 towards_light;
flat in vec4 gain;
flat in vec3 base;
#ifndef PLAIN
in vec2 uv;
flat in vec4 rect;
#endif
layout(location = 0) out vec4 out_rgba;

const vec2 RING[4] = vec2[](vec2(-0.92, -0.38), vec2(0.38, -0.92), vec2(0.92, 0.38), vec2(-0.38, 0.92));

#ifndef PLAIN
// The mean of the texture along the longer side of the pixel's footprint: no steps nearby, no flicker far away.
vec3 filtered() {
    vec2 place = uv * rect.zw, dx = dFdx(place), dy = dFdy(place);
    vec2 longer = dot(dx, dx) > dot(dy, dy) ? dx : dy;
    vec2 whole = vec2(textureSize(atlas, 0));
    vec3 sum = vec3(0.0);
    for (int i = -1; i <= 1; ++i)
        sum += texture(atlas, (rect.xy + mod(place + float(i) / 3.0 * longer, rect.zw)) / whole).rgb;
    return sum / 3.0;
}
#endif

void main() {
    vec3 n = normalize(normal);
    vec3 place = vec3(shadow_place.xy, min(shadow_place.z, 1.0));
    float lit = texture(shadows, place);
    for (int i = 0; i < 4; ++i)
        lit += texture(shadows, vec3(place.xy + softness * RING[i], place.z));
    lit /= 5.0;
    // Light from the sky is cool and from the ground warm, and less of either reaches the foot of a wall.
    vec3 sky = mix(vec3(0.99, 0.96, 0.93), vec3(0.99, 1.00, 1.02), 0.5 + 0.5 * n.z);
    float open = mix(mix(0.80, 1.0, smoothstep(-0.1, 0.6, world.z)), 1.0, abs(n.z));
#ifdef PLAIN
    vec3 albedo = base;
#else
    vec3 albedo = base * filtered();
#endif
    vec3 colour = albedo * (gain.w * open * sky + gain.rgb * (lit * max(0.0, dot(n, towards_light))));
#ifdef PLAIN
    vec3 middle = normalize(towards_light + normalize(eye - world));
    colour += gain.rgb * (0.16 * lit * pow(max(0.0, dot(n, middle)), 40.0));
#endif
    out_rgba = vec4(min(colour, 1.0), 1.0);
}
"""

SECTION_FRAGMENT = """
layout(location = 0) out vec4 out_rgba;

// The inside of a solid, seen where the near plane cuts it open: one colour, as in a section drawing.
void main() { out_rgba = vec4(0.24, 0.26, 0.30, 1.0); }
"""

BACKGROUND_VERTEX = """
flat out vec4 colour;

void main() {
    gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 1.0, 1.0);
    gl_Layer = gl_InstanceID;
    colour = tiles[gl_InstanceID].background;
}
"""

BACKGROUND_FRAGMENT = """
flat in vec4 colour;
layout(location = 0) out vec4 out_rgba;
#ifdef MORE
layout(location = 1) out float out_distance_m;
layout(location = 2) out int out_segmentation;
#endif
#ifdef HIGH_QUALITY
uniform float height;
#endif

void main() {
    out_rgba = vec4(colour.rgb, 1.0);
#ifdef HIGH_QUALITY
    out_rgba.rgb = min(colour.rgb * mix(1.04, 0.95, gl_FragCoord.y / height), 1.0);
#endif
#ifdef MORE
    out_distance_m = colour.w;
    out_segmentation = -1;
#endif
}
"""


def assemble_shader(body: str, *defines: str) -> str:
    """Return a complete shader: version, extensions, defines, shared declarations, body."""
    switches = "".join(f"#define {name}\n" for name in defines)
    return f"#version 430\n#extension GL_ARB_shader_viewport_layer_array : require\n{switches}{_COMMON}{body}"
