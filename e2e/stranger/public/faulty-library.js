/** The library worker with an IndexedDB that fails. The order of the imports matters. */
import './faulty-storage.js'
import './specter2-web/workers/library.js'
