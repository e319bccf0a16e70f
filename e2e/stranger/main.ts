import * as specter2 from 'specter2-web'

declare global {
  interface Window {
    specter2: typeof specter2
  }
}

window.specter2 = specter2
