import manifest from '../../package.json' with { type: 'json' }
import { byId, element, outsideLink, setChildren } from '../ui/dom.js'
import { LastShown } from '../ui/last-shown.js'

interface Reference {
  name: string
  text: string
  doi: string
}

const SPECTER2: readonly Reference[] = [
  {
    name: 'SPECTER2',
    text: 'Singh, D’Arcy, Cohan, Downey & Feldman (2023). SciRepEval. EMNLP.',
    doi: '10.18653/v1/2023.emnlp-main.338',
  },
  { name: 'SPECTER', text: 'Cohan, Feldman, Beltagy, Downey & Weld (2020). ACL.', doi: '10.18653/v1/2020.acl-main.207' },
]
const MODELS: readonly (readonly [id: RegExp, references: readonly Reference[]])[] = [
  [/specter2/i, SPECTER2],
  [/specter/i, SPECTER2.slice(1)],
  [
    /minilm|sentence-transformers/i,
    [
      { name: 'Sentence-BERT', text: 'Reimers & Gurevych (2019). EMNLP.', doi: '10.18653/v1/D19-1410' },
      { name: 'MiniLM', text: 'Wang, Wei, Dong, Bao, Yang & Zhou (2020). NeurIPS.', doi: '10.48550/arXiv.2002.10957' },
    ],
  ],
]
const shown = new LastShown()

/** Shows how to cite this tool and the model that is used. @param id Of the model. @param name Its short name. */
export function showCitations(id: string, name: string): void {
  if (!shown.differs([id, name])) return
  const references = MODELS.find(([pattern]) => pattern.test(id))?.[1]
  setChildren(
    byId('cite', HTMLElement),
    element('p', {}, element('b', {}, 'This tool'), ` specter2-web ${manifest.version}, a program in the browser. `),
    element('p', {}, element('b', {}, 'The model'), ` ${name}`, !references && ': cite it as its authors ask.'),
    ...(references ?? []).map(({ name, text, doi }) =>
      element('p', {}, element('b', {}, name), ` ${text} `, outsideLink(`https://doi.org/${doi}`, doi)),
    ),
  )
}
