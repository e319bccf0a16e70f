/** A vector as JSON: nine digits, which give every float32 exactly. */
function vectorJson(vector: Float32Array): string {
  return `[${Array.from(vector, (value) => Number(value.toPrecision(9))).join(',')}]`
}

/**
 * The line of a paper with its vector as the field `vector`. The rest of the line stays as it was written, with numbers that
 * JavaScript cannot hold and the order of fields.
 *
 * @param text The line.
 * @param fields What it says.
 */
export function lineWithVector(text: string, fields: Record<string, unknown>, vector: Float32Array): string {
  const { vector: replaced, ...others } = fields
  const rest = (replaced === undefined ? text : JSON.stringify(others)).trimEnd().slice(0, -1)
  return `${rest}${/\{\s*$/.test(rest) ? '' : ','}"vector":${vectorJson(vector)}}`
}
