import { type Colouring, cssColour } from './colours.js'
import type { MapStage } from './map-stage.js'

const RATIO = 2
const MARGIN = 16
const LINE = 20

/** The visible map with names and legend, as a PNG of two pixels per CSS pixel. */
export async function mapImage(stage: MapStage, { legend, sequence }: Colouring, caption: string): Promise<Blob> {
  const { width, height } = stage.size
  const style = getComputedStyle(stage.root)
  const [ink, page] = [style.getPropertyValue('--ink'), style.getPropertyValue('--page')]
  const entries = legend.length + (sequence ? 1 : 0)
  const columns = Math.max(1, Math.floor((width - 2 * MARGIN) / 220))
  const foot = Math.ceil(entries / columns) * LINE + LINE + 2 * MARGIN
  const canvas = document.createElement('canvas')
  canvas.width = width * RATIO
  canvas.height = (height + foot) * RATIO
  const context = canvas.getContext('2d')!
  context.scale(RATIO, RATIO)
  context.fillStyle = page
  context.fillRect(0, 0, width, height + foot)
  stage.drawInto(context, RATIO, ink, page)
  context.font = `13px ${style.fontFamily}`
  context.textBaseline = 'middle'
  const columnWidth = (width - 2 * MARGIN) / columns
  const place = (entry: number) =>
    [MARGIN + (entry % columns) * columnWidth, height + MARGIN + (Math.floor(entry / columns) + 0.5) * LINE] as const
  for (const [entry, { name, colour }] of legend.entries()) {
    const [x, y] = place(entry)
    context.fillStyle = cssColour(colour)
    context.beginPath()
    context.arc(x + 5, y, 5, 0, 2 * Math.PI)
    context.fill()
    context.fillStyle = ink
    context.fillText(shortened(context, name, columnWidth - 32), x + 16, y)
  }
  if (sequence) {
    const [x, y] = place(legend.length)
    const gradient = context.createLinearGradient(x + 40, 0, x + 160, 0)
    for (const [stop, colour] of sequence.colours.entries())
      gradient.addColorStop(stop / (sequence.colours.length - 1), cssColour(colour))
    context.fillStyle = gradient
    context.fillRect(x + 40, y - 5, 120, 10)
    context.fillStyle = ink
    context.fillText(sequence.from, x, y)
    context.fillText(sequence.to, x + 168, y)
  }
  context.fillStyle = style.getPropertyValue('--soft')
  context.fillText(caption, MARGIN, height + foot - MARGIN - LINE / 2)
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The browser could not create an image of the map.'))),
      'image/png',
    ),
  )
}

function shortened(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text
  let end = text.length
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > room) end--
  return `${text.slice(0, end)}…`
}
