const STYLE =
  'body{font:15px/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.5rem;color:#1d2733;background:#fff}' +
  'h1{font-size:1.25rem}p{color:#5a6572}@media(prefers-color-scheme:dark){body{color:#e6eaef;background:#11161c}p{color:#98a3b0}}'

/** A page of ours in the place of an upstream's answer. All arguments are HTML. */
export const htmlPage = (title: string, text: string, head = '') =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>${head}<style>${STYLE}</style></head><body><h1>${title}</h1><p>${text}</p></body></html>\n`

/** Slipway itself is starting. */
export const startingPage = () =>
  htmlPage(
    'Slipway is starting',
    'This takes a few seconds. The page loads by itself.',
    '<meta http-equiv="refresh" content="1">',
  )
