/**
 * IndexedDB that fails as the worker's query says: `?fault=quota&at=3` at the third write. Later operations work, unless `fault`
 * ends with `-always`.
 */
const query = new URLSearchParams(location.search)
const [fault, always] = (query.get('fault') ?? '').split('-')
const at = Number(query.get('at'))
let count = 0

/** Whether the operation that begins now is the one that fails. */
function fails() {
  count++
  return always ? count >= at : count === at
}

function replace(prototype, name, make) {
  const original = prototype[name]
  prototype[name] = function (...args) {
    return make.call(this, () => original.apply(this, args), args)
  }
}

if (fault === 'quota')
  replace(IDBObjectStore.prototype, 'put', (put) => {
    if (fails()) throw new DOMException('Quota exceeded.', 'QuotaExceededError')
    return put()
  })
if (fault === 'closed')
  replace(IDBDatabase.prototype, 'transaction', function (transaction) {
    // As when the user clears the site's data: the connection closes, and an event says so.
    if (fails()) {
      this.close()
      this.dispatchEvent(new Event('close'))
    }
    return transaction()
  })
if (fault === 'aborted')
  replace(IDBDatabase.prototype, 'transaction', (transaction, [, mode]) => {
    const begun = transaction()
    if (mode === 'readwrite' && fails()) setTimeout(() => begun.abort())
    return begun
  })
if (fault === 'unreadable')
  for (const name of ['get', 'getAll', 'getAllKeys'])
    replace(IDBObjectStore.prototype, name, (read) => {
      if (fails()) throw new DOMException('Internal error.', 'UnknownError')
      return read()
    })
