import { deleteCachedModel, listCachedModels, PaperIndex } from '../../src/index.js'
import { shortName } from '../model/model-catalog.js'
import { Dialog } from '../ui/dialog.js'
import { button, element } from '../ui/dom.js'
import { formatBytes, messageOf } from '../ui/format.js'
import { isPersisted, persist, usedBytes } from './persistence.js'

/** What this browser keeps for the page, and how to have it back. */
export function openStorage({ onClear, onModelDeleted }: { onClear: () => Promise<void>; onModelDeleted: () => void }): void {
  const dialog = new Dialog('Storage')
  const status = element('p', { class: 'hint', role: 'status' })
  const show = async () => {
    const [bytes, persisted, models, indexes] = await Promise.all([
      usedBytes(),
      isPersisted(),
      listCachedModels().catch(() => []),
      PaperIndex.list().catch(() => []),
    ])
    const ask = button('Ask the browser to keep it', async () => {
      status.textContent = (await persist())
        ? 'The browser keeps it until you clear it.'
        : 'The browser did not agree. It may when the page is used more often, or installed.'
      await show()
    })
    dialog.body.replaceChildren(
      element(
        'p',
        {},
        bytes === null ? '' : `${formatBytes(bytes)} are kept here, in this browser alone. `,
        persisted
          ? 'The browser keeps them until you clear them.'
          : 'The browser may clear them when it runs short of space, so export what matters.',
      ),
      ...(persisted ? [] : [element('p', {}, ask)]),
      element('h3', {}, `Libraries: ${indexes.length}`),
      element('p', { class: 'hint' }, 'A library is deleted beside its name. Papers, labels and notes go with it.'),
      element('h3', {}, 'Models'),
      models.length === 0
        ? element(
            'p',
            { class: 'hint' },
            'None is kept yet. One is fetched when papers are embedded, and stays for the next visits.',
          )
        : element(
            'ul',
            { class: 'lines' },
            ...models.map(({ url, id, bytes }) =>
              element(
                'li',
                {},
                element('span', {}, `${shortName(id)}, ${formatBytes(bytes)}`),
                button(
                  'Delete',
                  async () => {
                    await deleteCachedModel(url)
                    onModelDeleted()
                    await show()
                  },
                  { 'aria-label': `Delete the model ${shortName(id)}` },
                ),
              ),
            ),
          ),
      element('h3', {}, 'Everything'),
      clearRow(),
      status,
    )
  }
  const clearRow = () => {
    const row = element('p', {})
    const sure = button(
      'Delete all libraries, models and this page’s own files',
      async () => {
        try {
          await onClear()
        } catch (error) {
          status.textContent = `Not all could be deleted: ${messageOf(error)} Close other tabs of this page and try again.`
        }
      },
      { class: 'secondary danger' },
    )
    row.append(
      button('Clear this browser of it all', () =>
        row.replaceChildren(sure, element('span', { class: 'hint' }, ' This cannot be undone.')),
      ),
    )
    return row
  }
  dialog.open()
  void show()
}
