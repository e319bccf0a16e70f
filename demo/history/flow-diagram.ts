import type { PrismaCounts } from '../../src/core/duplicates/index.js'
import type { ScreeningCounts } from '../screening/screening-log.js'
import { formatCount } from '../ui/format.js'

const [WIDTH, BOX, GAP, LEFT, RIGHT] = [880, 380, 40, 70, 490]
const [LINE, PADDING, TEXT] = [20, 14, 14]
/** Least height of a stage, which its name needs. */
const STAGE = 110
/** About as many characters fit into a line of a box. */
const LINE_CHARACTERS = 50

/**
 * The flow diagram of PRISMA 2020 (Page et al. 2021) from identification to screening, as an SVG of its own: black on white, with
 * the text as text.
 *
 * @param screening Counts of the decisions; `null` before the first one.
 */
export function flowDiagram(
  { identified, total, duplicates, byHand, removed = 0, screened }: PrismaCounts,
  screening: ScreeningCounts | null = null,
): string {
  const n = (count: number) => `(n = ${formatCount(count)})`
  const sources = identified.filter(({ records }) => records > 0)
  const found = [
    `Records identified ${n(total)}`,
    ...(sources.length > 1 || sources[0]?.source
      ? sources.map(({ source, records }) => `${source || 'Without a source'} ${n(records)}`)
      : []),
  ]
  const out = [
    'Records removed before screening:',
    `Duplicate records removed ${n(duplicates)}`,
    ...(byHand > 0 ? [`by the tool ${n(duplicates - byHand)}, with a person’s decision ${n(byHand)}`] : []),
    `Records removed for other reasons ${n(removed)}`,
  ]
  const [first, beside] = [found.flatMap(wrapped), out.flatMap(wrapped)]
  const last = screening
    ? [
        `Records screened ${n(screening.screened)}`,
        ...(screened > screening.screened ? [`Records not screened yet ${n(screened - screening.screened)}`] : []),
      ]
    : [`Records screened ${n(screened)}`]
  const excluded = screening && excludedLines(screening, n)
  const kept = screening && keptLines(screening, n)
  const height = (lines: readonly string[]) => lines.length * LINE + 2 * PADDING
  const top = 20
  const tall = Math.max(height(first), height(beside), STAGE)
  const second = top + tall + 2 * GAP
  const screeningTall = Math.max(height(last), excluded ? height(excluded) : 0)
  const third = second + screeningTall + GAP
  // The stage's name needs room, too.
  const stageTop = kept ? second : second + height(last) / 2 - STAGE / 2
  const stageTall = kept ? Math.max(STAGE, third + height(kept) - second) : STAGE
  const bottom = stageTop + stageTall + 12
  const middle = top + tall / 2
  const secondMiddle = second + screeningTall / 2
  const parts = [
    stage('Identification', top, tall),
    box(LEFT, top + (tall - height(first)) / 2, first),
    arrow(LEFT + BOX, middle, RIGHT, middle),
    box(RIGHT, top + (tall - height(beside)) / 2, beside),
    arrow(LEFT + BOX / 2, top + (tall + height(first)) / 2, LEFT + BOX / 2, secondMiddle - height(last) / 2),
    stage('Screening', stageTop, stageTall),
    box(LEFT, secondMiddle - height(last) / 2, last),
    ...(excluded && kept
      ? [
          arrow(LEFT + BOX, secondMiddle, RIGHT, secondMiddle),
          box(RIGHT, secondMiddle - height(excluded) / 2, excluded),
          arrow(LEFT + BOX / 2, secondMiddle + height(last) / 2, LEFT + BOX / 2, third),
          box(LEFT, third, kept),
        ]
      : []),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${bottom}" viewBox="0 0 ${WIDTH} ${bottom}" font-family="Arial, Helvetica, sans-serif" font-size="${TEXT}">
<title>PRISMA 2020 flow diagram, identification to screening</title>
<defs><marker id="head" markerWidth="9" markerHeight="9" refX="8" refY="4.5" orient="auto"><path d="M0 0 9 4.5 0 9z"/></marker></defs>
<rect width="${WIDTH}" height="${bottom}" fill="#fff"/>
${parts.join('\n')}
</svg>
`
}

type Numbered = (count: number) => string

function excludedLines({ exclude, reasons }: ScreeningCounts, n: Numbered): string[] {
  const named = reasons.some(([reason]) => reason !== '')
  const lines = named ? reasons.map(([reason, count]) => `${reason || 'Without a reason'} ${n(count)}`) : []
  return [`Records excluded ${n(exclude)}`, ...lines].flatMap(wrapped)
}

function keptLines({ include, maybe }: ScreeningCounts, n: Numbered): string[] {
  const undecided = maybe > 0 ? [`of these undecided ${n(maybe)}`] : []
  return [`Records to be read in full ${n(include + maybe)}`, ...undecided]
}

/** An address for `<img>`. */
export const pictureAddress = (svg: string) => `data:image/svg+xml,${encodeURIComponent(svg)}`

/** The diagram as a picture of twice its size, for documents that take no SVG. */
export async function flowPicture(svg: string): Promise<Blob> {
  const image = new Image()
  image.src = pictureAddress(svg)
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = 2 * image.naturalWidth
  canvas.height = 2 * image.naturalHeight
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (!blob) throw new Error('The browser could not draw the picture. Save the SVG instead.')
  return blob
}

function box(x: number, y: number, lines: readonly string[]): string {
  const text = lines.map((line, index) => {
    const at = y + PADDING + LINE * index + TEXT
    return `<text x="${x + PADDING}" y="${at}">${escaped(line)}</text>`
  })
  const height = lines.length * LINE + 2 * PADDING
  return `<rect x="${x}" y="${y}" width="${BOX}" height="${height}" fill="#fff" stroke="#000"/>\n${text.join('\n')}`
}

function stage(name: string, y: number, height: number): string {
  const [x, middle] = [36, y + height / 2]
  return `<rect x="22" y="${y}" width="28" height="${height}" rx="4" fill="#dfe9f3" stroke="#000"/>
<text transform="translate(${x + 5} ${middle}) rotate(-90)" text-anchor="middle" font-weight="bold">${name}</text>`
}

function arrow(x: number, y: number, toX: number, toY: number): string {
  return `<path d="M${x} ${y}L${toX} ${toY}" stroke="#000" marker-end="url(#head)"/>`
}

/** A text in lines that fit into a box. */
function wrapped(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((word) => word.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, 'gu')) ?? [])) {
    if (line !== '' && line.length + 1 + word.length > LINE_CHARACTERS) {
      lines.push(line)
      line = '  '
    }
    line += line.trim() === '' ? word : ` ${word}`
  }
  return [...lines, line]
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
}
