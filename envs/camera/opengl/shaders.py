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

_SURFACE_LIGHT = """
// Light from the sky is cool and from the ground warm, and less of either reaches the foot of a wall.
void light(vec3 n, vec3 towards_light, vec4 gain, out vec3 ambient, out vec3 direct, out float dimming) {
    ambient = gain.w * mix(vec3(0.99, 0.96, 0.93), vec3(0.99, 1.00, 1.02), 0.5 + 0.5 * n.z);
    direct = gain.rgb * max(0.0, dot(n, towards_light));
    dimming = 0.2 * (1.0 - abs(n.z));
}
"""

HIGH_QUALITY_VERTEX = (
    _SURFACE_LIGHT
    + """
layout(std430, binding = 1) readonly buffer Poses { vec4 poses[]; };

in vec3 in_position;
in vec3 in_normal;
in vec2 in_uv;
in vec3 in_place;
in vec4 in_turn;
in vec3 in_scale;
in vec4 in_rgba;
in vec4 in_rect;
in ivec3 in_ids;  // rank, frame, surface number

flat out int number;

out vec3 world;
flat out vec3 base;
#ifdef FLAT
flat out vec3 ambient;
flat out vec3 direct;
flat out float dimming;
#endif
#if defined(PLAIN) && defined(FLAT)
flat out vec3 normal;
#elif !defined(FLAT)
out vec3 normal;
#endif
#if defined(PLAIN) || !defined(FLAT)
flat out vec3 towards_light;
flat out vec4 gain;
#endif
#ifndef PLAIN
out vec2 uv;
flat out vec4 rect;
#endif

vec3 turned(vec4 q, vec3 v) { return v + 2.0 * cross(q.xyz, cross(q.xyz, v) + q.w * v); }

void main() {
    Tile tile = tiles[0];
    number = in_ids.z;
    vec4 pose_turn = poses[2 * in_ids.y + 1];
    world = turned(pose_turn, turned(in_turn, in_scale * in_position) + in_place) + poses[2 * in_ids.y].xyz;
    vec3 n = normalize(turned(pose_turn, turned(in_turn, in_normal)));
    gl_Position = tile.clip * vec4(world, 1.0);
    gl_Position.z -= 5e-7 * float(in_ids.x) * gl_Position.w;  // of two surfaces in one plane, one always wins
    base = in_rgba.rgb;
#ifdef FLAT
    light(n, tile.light.xyz, tile.gain, ambient, direct, dimming);
#endif
#if defined(PLAIN) || !defined(FLAT)
    normal = n;
    towards_light = tile.light.xyz;
    gain = tile.gain;
#endif
#ifndef PLAIN
    uv = in_uv;
    rect = in_rect;
#endif
}
"""
)

HIGH_QUALITY_FRAGMENT = (
    _SURFACE_LIGHT
    + """
layout(binding = 0) uniform sampler2D atlas;
uniform vec3 eye;
uniform bool numbered;

flat in int number;
in vec3 world;
flat in vec3 base;
#ifdef FLAT
flat in vec3 ambient;
flat in vec3 direct;
flat in float dimming;
#endif
#if defined(PLAIN) && defined(FLAT)
flat in vec3 normal;
#elif !defined(FLAT)
in vec3 normal;
#endif
#if defined(PLAIN) || !defined(FLAT)
flat in vec3 towards_light;
flat in vec4 gain;
#endif
#ifndef PLAIN
in vec2 uv;
flat in vec4 rect;
#endif
layout(location = 0) out vec4 out_rgba;

#ifndef PLAIN
// The mean of the texture along the longer side of the pixel's footprint: no steps nearby, no flicker far away.
vec3 filtered() {
    vec2 place = uv * rect.zw, dx = dFdx(place), dy = dFdy(place);
    vec2 longer = (dot(dx, dx) > dot(dy, dy) ? dx : dy) / rect.zw;
    vec2 texel = 1.0 / vec2(textureSize(atlas, 0)), first = texel * rect.xy, size = texel * rect.zw;
    vec3 sum = texture(atlas, first + size * fract(uv - 0.25 * longer)).rgb;
    return 0.5 * (sum + texture(atlas, first + size * fract(uv + 0.25 * longer)).rgb);
}
#endif

void main() {
#ifndef FLAT
    vec3 ambient, direct;
    float dimming;
    vec3 n = normalize(normal);
    light(n, towards_light, gain, ambient, direct, dimming);
#elif defined(PLAIN)
    vec3 n = normal;
#endif
#ifdef PLAIN
    vec3 albedo = base;
#else
    vec3 albedo = base * filtered();
#endif
    vec3 lit = albedo * direct;
#ifdef PLAIN
    float shine = max(0.0, dot(n, normalize(towards_light + normalize(eye - world))));
    shine *= shine;
    shine *= shine;
    shine *= shine;  // to the power of 8, and of 40 below
    lit += gain.rgb * (0.16 * shine * (shine * shine) * (shine * shine));
#endif
    vec3 colour = albedo * ambient * (1.0 - dimming * (1.0 - smoothstep(-0.1, 0.6, world.z))) + lit;
    float share = lit.g / max(colour.g, 1e-3);  // of the colour, that a shadow takes away
    if (numbered)
        share = (floor(15.0 * share + 0.5) * 16.0 + float(number)) / 255.0;
    out_rgba = vec4(min(colour, 1.0), share);
}
"""
)

SHADE_VERTEX = """
uniform mat4 clip;  // world to clip coordinates
in vec3 in_position;

void main() {
    gl_Position = clip * vec4(in_position, 1.0);
    gl_Position.z = 0.0;  // all equal, so that each pixel is shaded once
}
"""

SHADE_FRAGMENT = """
layout(binding = 1) uniform sampler2DShadow shadows;
layout(binding = 2) uniform sampler2D colours;
layout(binding = 3) uniform sampler2D depths;
uniform mat4 to_shadow;  // pixel coordinates and depth to the shadow map's texture coordinates
uniform float softness;  // radius of the shadow's edge, in the shadow map's texture coordinates
uniform bool numbered;
layout(location = 0) out vec4 out_rgba;

const vec2 RING[4] = vec2[](vec2(-0.79, -0.33), vec2(0.33, -0.79), vec2(0.79, 0.33), vec2(-0.33, 0.79));

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    vec4 place = to_shadow * vec4(gl_FragCoord.xy, texelFetch(depths, pixel, 0).r, 1.0);
    place.xyz /= place.w;
    place.z = min(place.z, 1.0);
    float lit = 0.0;
    for (int i = 0; i < 4; ++i)
        lit += texture(shadows, vec3(place.xy + softness * RING[i], place.z));
    vec4 colour = texelFetch(colours, pixel, 0);
    float share = numbered ? floor(colour.a * (255.0 / 16.0)) / 15.0 : colour.a;
    out_rgba = vec4(colour.rgb * (1.0 - share * (1.0 - lit / 4.0)), colour.a);
}
"""

SECTION_FRAGMENT = """
layout(location = 0) out vec4 out_rgba;

// The inside of a solid, seen where the near plane cuts it open: one colour, as in a section drawing.
void main() { out_rgba = vec4(0.24, 0.26, 0.30, 0.0); }
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
uniform vec2 slope;  // of the line of sight in the first row, and its change per pixel
#endif

void main() {
    out_rgba = vec4(colour.rgb, 1.0);
#ifdef HIGH_QUALITY
    out_rgba = vec4(min(colour.rgb * mix(1.04, 0.95, 0.5 + 0.8 * (slope.x + slope.y * gl_FragCoord.y)), 1.0), 0.0);
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
