import { element, select } from '../ui/dom.js'

/** Encodings of exports that do not say theirs. */
const ENCODINGS = [
  'utf-8',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'windows-1253',
  'windows-1254',
  'macintosh',
  'gb18030',
  'big5',
  'shift_jis',
  'euc-kr',
]

/** Lets a person say the encoding of the files, if names and titles look wrong. */
export function encodingChoice(chosen: string | undefined, onChoose: (encoding: string) => void): HTMLElement {
  const choice = select({ 'aria-label': 'Encoding' }, [
    ['', 'as guessed'],
    ...ENCODINGS.map((encoding): [string, string] => [encoding, encoding]),
  ])
  choice.value = chosen ?? ''
  choice.addEventListener('change', () => choice.value !== '' && onChoose(choice.value))
  return element('p', { class: 'hint' }, 'The encoding was guessed. If names look wrong, read the files again as ', choice)
}
