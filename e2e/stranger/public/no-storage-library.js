/** The library worker of a browser that blocks storage. The order matters. */
import './block-storage.js'
import './specter2-web/workers/library.js'
