import { element } from '../ui/dom.js'
import { countOf } from '../ui/format.js'
import { type Colouring, cssColour, type Rgb } from './colours.js'

/** What the colours mean. */
export function mapLegend({ legend, sequence }: Colouring): HTMLElement {
  const list = element('ul', { class: 'map-legend', 'aria-label': 'Colours' })
  if (sequence) {
    const bar = element('span', { class: 'map-sequence' })
    bar.style.background = `linear-gradient(to right, ${sequence.colours.map(cssColour).join(', ')})`
    list.append(element('li', { class: 'map-years' }, sequence.from, bar, sequence.to))
  }
  for (const { name, colour, count } of legend) {
    list.append(
      element(
        'li',
        { title: `${name}: ${countOf(count, 'paper')}` },
        colourDot(colour),
        element('span', { class: 'map-category' }, name),
      ),
    )
  }
  return list
}

export function colourDot(colour: Rgb): HTMLElement {
  const dot = element('span', { class: 'map-dot' })
  dot.style.background = cssColour(colour)
  return dot
}
