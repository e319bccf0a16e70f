/** The library worker in a browser that blocks storage. The order of the imports matters. */
import './block-storage.js'
import './specter2-web/workers/library.js'
