import { deleteCachedModel, listCachedModels, PaperIndex } from '../../src/index.js'
import { confirmButton } from '../history/history-dialog.js'
import { BIN_DAYS } from '../history/library-history.js'
import { dayOf } from '../history/report.js'
import { shortName } from '../model/model-catalog.js'
import { Dialog } from '../ui/dialog.js'
import { button, element, setChildren } from '../ui/dom.js'
import { formatBytes, messageOf } from '../ui/format.js'
import type { LibraryRecord } from './libraries.js'
import { isPersisted, persist, usedBytes } from './persistence.js'

export interface StorageEvents {
  /** Libraries in the bin. */
  binned: () => readonly LibraryRecord[]
  onRestore: (id: string) => Promise<void>
  onPurge: (ids: readonly string[]) => Promise<void>
  onClear: () => Promise<void>
  onModelDeleted: () => void
}

/** What this page stores in the browser, and how to delete it. */
export function openStorage({ binned, onRestore, onPurge, onClear, onModelDeleted }: StorageEvents): void {
  const dialog = new Dialog('Storage')
  const status = element('p', { class: 'hint', role: 'status' })
  const show = async () => {
    const [bytes, persisted, models, indexes] = await Promise.all([
      usedBytes(),
      isPersisted(),
      listCachedModels().catch(() => []),
      PaperIndex.list().catch(() => []),
    ])
    setChildren(
      dialog.body,
      element(
        'p',
        {},
        bytes !== null && `${formatBytes(bytes)} are stored here, only in this browser. `,
        persisted
          ? 'The browser keeps them until you clear them.'
          : 'The browser may clear them when it runs short of space, so export what matters.',
      ),
      !persisted && element('p', {}, button('Ask the browser to keep it', askToPersist)),
      element('h3', {}, `Libraries: ${indexes.length - binned().length}`),
      element('p', { class: 'hint' }, 'Delete a library beside its name. It goes into the bin, with its labels and notes.'),
      ...binRows(),
      element('h3', {}, 'Models'),
      models.length === 0
        ? element('p', { class: 'hint' }, 'None yet. One is downloaded when papers are embedded, and stays for later visits.')
        : element('ul', { class: 'lines' }, ...models.map(modelRow)),
      element('h3', {}, 'Everything'),
      clearRow(),
      status,
    )
  }
  const binRows = () => {
    const deleted = binned()
    if (deleted.length === 0) return []
    const bytes = deleted.reduce((sum, record) => sum + (record.bytes ?? 0), 0)
    const empty = async () => {
      await onPurge(deleted.map(({ id }) => id))
      await show()
    }
    const rows = deleted.map(({ id, name, bytes = 0, deletedAt }) =>
      element(
        'li',
        {},
        element('span', {}, `${name}, ${formatBytes(bytes)}, deleted ${dayOf(deletedAt ?? 0)}`),
        button(
          'Restore',
          async () => {
            dialog.close()
            await onRestore(id)
          },
          { 'aria-label': `Restore the library ${name}` },
        ),
      ),
    )
    return [
      element('h3', {}, `Bin: ${formatBytes(bytes)}`),
      element('ul', { class: 'lines', 'aria-label': 'Bin' }, ...rows),
      element(
        'p',
        { class: 'hint' },
        `Each is kept for ${BIN_DAYS} days. Papers that were merged or removed are in the bin of their library, under History.`,
      ),
      element('p', {}, confirmButton('Empty the bin', 'These libraries are then gone.', empty)),
    ]
  }
  const modelRow = ({ url, id, bytes }: Awaited<ReturnType<typeof listCachedModels>>[number]) => {
    const deleteModel = async () => {
      await deleteCachedModel(url)
      onModelDeleted()
      await show()
    }
    return element(
      'li',
      {},
      element('span', {}, `${shortName(id)}, ${formatBytes(bytes)}`),
      button('Delete', deleteModel, { 'aria-label': `Delete the model ${shortName(id)}` }),
    )
  }
  const askToPersist = async () => {
    status.textContent = (await persist())
      ? 'The browser keeps it until you clear it.'
      : 'The browser did not agree. It may when you use the page more often, or install it.'
    await show()
  }
  const clear = async () => {
    try {
      await onClear()
    } catch (error) {
      status.textContent = `Not everything could be deleted: ${messageOf(error)} Close other tabs of this page and try again.`
    }
  }
  const clearRow = () => {
    const row = element('p', {})
    const confirm = button('Delete all libraries, models and this page’s own files', clear, { class: 'secondary danger' })
    const ask = () => row.replaceChildren(confirm, element('span', { class: 'hint' }, ' This cannot be undone.'))
    row.append(button('Delete everything from this browser', ask))
    return row
  }
  dialog.open()
  void show()
}
