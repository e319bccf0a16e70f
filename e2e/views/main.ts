import '../../demo/style.css'
import './harness.css'

/** The views, loaded on demand as on the page. */
const views = {
  map: () => import('../../demo/map/map-view.js'),
  duplicates: () => import('../../demo/duplicates/duplicates-view.js'),
}

declare global {
  interface Window {
    views: typeof views
  }
}

window.views = views
