import { PALE, PointPainter } from './point-painter.js'
import type { Viewport } from './viewport.js'

const VERTEX = `
attribute vec2 position;
attribute vec3 colour;
uniform vec4 view; // centre, and clip units per unit
uniform mediump float size;
varying vec3 tint;
void main() {
  gl_Position = vec4((position - view.xy) * view.zw, 0.0, 1.0);
  gl_PointSize = size;
  tint = colour;
}`

const FRAGMENT = `
precision mediump float;
uniform float size;
uniform float opacity;
uniform float ring;
varying vec3 tint;
void main() {
  float distance = length(gl_PointCoord - 0.5) * size;
  float edge = size * 0.5;
  float cover = clamp(edge - distance, 0.0, 1.0);
  if (ring > 0.0) cover *= clamp(distance - edge + ring + 0.5, 0.0, 1.0);
  // A darker rim sets points apart from each other if they are large enough.
  vec3 shade = tint * (size > 7.0 && distance > edge - 1.5 ? 0.82 : 1.0);
  gl_FragColor = vec4(shade, 1.0) * cover * opacity;
}`

/**
 * Draws points with WebGL: positions and colours stay on the graphics card, so that panning only sets a uniform.
 *
 * @param onRestored Called when the browser restored a lost context: draw again.
 * @returns `null` without WebGL.
 */
export function webglPainter(canvas: HTMLCanvasElement, onRestored: () => void): PointPainter | null {
  const gl = canvas.getContext('webgl', { antialias: false, premultipliedAlpha: true, powerPreference: 'low-power' })
  return gl && new WebglPainter(canvas, gl, onRestored)
}

class WebglPainter extends PointPainter {
  readonly #gl: WebGLRenderingContext
  readonly #listeners = new AbortController()
  #program!: WebGLProgram
  #uniforms!: Record<'view' | 'size' | 'opacity' | 'ring', WebGLUniformLocation | null>
  #buffers!: { positions: WebGLBuffer; colours: WebGLBuffer; selected: WebGLBuffer }

  constructor(canvas: HTMLCanvasElement, gl: WebGLRenderingContext, onRestored: () => void) {
    super(canvas)
    this.#gl = gl
    const { signal } = this.#listeners
    // Browsers take the context away from pages in the background; without this they do not restore it.
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault(), { signal })
    canvas.addEventListener(
      'webglcontextrestored',
      () => {
        this.#begin()
        this.#upload()
        onRestored()
      },
      { signal },
    )
    this.#begin()
  }

  #begin(): void {
    const gl = this.#gl
    // Without it, indices have 16 bits: 65,535 points.
    gl.getExtension('OES_element_index_uint')
    const program = gl.createProgram()
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ] as const) {
      const shader = gl.createShader(type)!
      gl.shaderSource(shader, source)
      gl.compileShader(shader)
      gl.attachShader(program, shader)
    }
    gl.bindAttribLocation(program, 0, 'position')
    gl.bindAttribLocation(program, 1, 'colour')
    gl.linkProgram(program)
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
      throw new Error(`The map's shaders do not link: ${gl.getProgramInfoLog(program)}`)
    this.#program = program
    const uniform = (name: string) => gl.getUniformLocation(program, name)
    this.#uniforms = { view: uniform('view'), size: uniform('size'), opacity: uniform('opacity'), ring: uniform('ring') }
    this.#buffers = { positions: gl.createBuffer(), colours: gl.createBuffer(), selected: gl.createBuffer() }
  }

  override setPositions(positions: Float32Array): void {
    super.setPositions(positions)
    this.#upload()
  }

  override setColours(colours: Uint8Array): void {
    super.setColours(colours)
    this.#upload()
  }

  override setSelected(points: Uint32Array | null): void {
    super.setSelected(points)
    this.#upload()
  }

  #upload(): void {
    const gl = this.#gl
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers.positions)
    gl.bufferData(gl.ARRAY_BUFFER, this.positions, gl.STATIC_DRAW)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers.colours)
    gl.bufferData(gl.ARRAY_BUFFER, this.colours, gl.STATIC_DRAW)
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.#buffers.selected)
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.selected ?? new Uint32Array(), gl.STATIC_DRAW)
  }

  draw({ x, y, scale, width, height }: Viewport, hovered: number): void {
    const gl = this.#gl
    const count = this.positions.length / 2
    gl.viewport(0, 0, this.canvas.width, this.canvas.height)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    // Drawing before the colours are set would read beyond their buffer.
    if (count === 0 || this.colours.length !== count * 3) return
    gl.useProgram(this.#program)
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers.positions)
    gl.enableVertexAttribArray(0)
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers.colours)
    gl.enableVertexAttribArray(1)
    gl.vertexAttribPointer(1, 3, gl.UNSIGNED_BYTE, true, 0, 0)
    const { view, size, opacity, ring } = this.#uniforms
    gl.uniform4f(view, x, y, (2 * scale) / width, (-2 * scale) / height)
    const diameter = this.pointSize(scale) * this.ratio
    gl.uniform1f(size, diameter)
    gl.uniform1f(ring, 0)
    gl.uniform1f(opacity, this.selected ? PALE : 0.9)
    gl.drawArrays(gl.POINTS, 0, count)
    if (this.selected) {
      gl.uniform1f(opacity, 1)
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.#buffers.selected)
      gl.drawElements(gl.POINTS, this.selected.length, gl.UNSIGNED_INT, 0)
    }
    if (hovered >= 0 && hovered < count) {
      gl.uniform1f(opacity, 1)
      gl.drawArrays(gl.POINTS, hovered, 1)
      gl.uniform1f(size, diameter + 10 * this.ratio)
      gl.uniform1f(ring, 2 * this.ratio)
      gl.drawArrays(gl.POINTS, hovered, 1)
    }
  }

  dispose(): void {
    this.#listeners.abort()
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext()
  }
}
