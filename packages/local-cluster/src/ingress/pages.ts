const STYLE =
  'body{font:15px/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.5rem;color:#1d2733;background:#fff}' +
  'h1{font-size:1.25rem}p{color:#5a6572}@media(prefers-color-scheme:dark){body{color:#e6eaef;background:#11161c}p{color:#98a3b0}}'

const page = (title: string, text: string, head = '') =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>${head}<style>${STYLE}</style></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`

const asText = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

/** Nothing of the app takes requests now. */
export const appUnavailablePage = (app: string, why: string) =>
  page(
    `${asText(app)} is not running`,
    `${asText(why)}</p><p>Its page in Slipway says more. This page tries again by itself.`,
    '<meta http-equiv="refresh" content="5">',
  )

export const noSuchHostPage = () => page('There is no app here', 'No app of this installation has this address.')

/** Slipway itself is on its way up. */
export const startingPage = () =>
  page(
    'Slipway is starting',
    'This takes a few seconds. The page loads by itself.',
    '<meta http-equiv="refresh" content="1">',
  )
