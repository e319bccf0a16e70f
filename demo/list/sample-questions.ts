import type { ListQuery } from '../session/list-query.js'
import { toFragment } from '../session/query-fragment.js'
import type { Workspace } from '../session/workspace.js'
import { byId, element, setChildren } from '../ui/dom.js'
import { isFiltering, NO_FILTERS } from './filters.js'

/** Questions that the sample answers, in other words than its papers use. */
const QUESTIONS = [
  'why is it hard to remember many things at once',
  'cutting genes like scissors',
  'how to keep a secret without meeting first',
]

interface Answer {
  question: string
  byMeaning: string
  byWords: string
}

/** Over the list of the sample library: three questions to try, and for each what words alone would have found. */
export class SampleQuestions {
  readonly #root = byId('questions', HTMLElement)
  readonly #onAsk: (question: string) => void
  /** Of the library whose vectors they came from. */
  #answers: { library: string; answers: readonly Answer[] } | null = null

  constructor(onAsk: (question: string) => void) {
    this.#onAsk = onAsk
  }

  /** Shows the questions if the sample is open and nothing is asked of it. */
  async show(workspace: Workspace, query: ListQuery): Promise<void> {
    const { session, record } = workspace
    const isAsked = () => query.isSet || isFiltering(query.query.filters)
    const isReady = session !== null && record?.origin === 'sample' && session.info.vectors > 0 && session.info.pending === 0
    this.#root.hidden = !isReady || isAsked()
    if (!isReady || this.#root.hidden || this.#answers?.library === session.id) return
    this.#show(QUESTIONS.map((question) => ({ question, byMeaning: '', byWords: '' })))
    if (!session.info.embedder) return
    this.#answers = { library: session.id, answers: [] }
    const first = async (question: string, mode: 'semantic' | 'lexical') => {
      const { hits } = await session.index.search(question, { mode, k: 1, concurrent: true })
      return hits[0]?.paper.title ?? 'nothing'
    }
    try {
      const answers: Answer[] = []
      for (const question of QUESTIONS)
        answers.push({ question, byMeaning: await first(question, 'semantic'), byWords: await first(question, 'lexical') })
      this.#answers = { library: session.id, answers }
      this.#show(answers)
    } catch {
      // The questions can be asked all the same.
      this.#answers = null
    }
  }

  #show(answers: readonly Answer[]): void {
    const link = (question: string) => {
      const href = toFragment({ text: question, mode: 'hybrid', sort: 'added', filters: NO_FILTERS })
      const made = element('a', { href }, question)
      made.addEventListener('click', (event) => {
        if (event.metaKey || event.ctrlKey) return
        event.preventDefault()
        this.#onAsk(question)
      })
      return made
    }
    setChildren(
      this.#root,
      element('p', { class: 'questions-title' }, 'Ask the sample something. For example:'),
      element(
        'ul',
        {},
        ...answers.map(({ question, byMeaning, byWords }) =>
          element(
            'li',
            {},
            link(question),
            element(
              'span',
              { class: 'answer' },
              byMeaning !== '' && element('span', {}, 'by meaning: ', element('b', {}, byMeaning)),
              byWords !== '' && element('span', {}, `by words alone: ${byWords}`),
            ),
          ),
        ),
      ),
    )
  }
}
