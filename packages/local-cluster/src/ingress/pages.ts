import { htmlPage } from '@slipway/proxy'

const asText = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

/** Nothing of the app takes requests now. */
export const appUnavailablePage = (app: string, why: string) =>
  htmlPage(
    `${asText(app)} is not running`,
    `${asText(why)}</p><p>Its page in Slipway says more. This page tries again by itself.`,
    '<meta http-equiv="refresh" content="5">',
  )

export const noSuchHostPage = () => htmlPage('There is no app here', 'No app of this installation has this address.')
