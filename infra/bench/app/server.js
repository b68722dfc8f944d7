// The app that is pushed: says its version, and logs a line with the time at which it was written.
const { readFileSync } = require('node:fs')
const express = require('express')

const version = readFileSync(`${__dirname}/version.txt`, 'utf8').trim()
const app = express()

app.get('/', (_request, response) => response.send(`version ${version}`))
app.get('/mark/:number', (request, response) => {
  console.log(`mark ${request.params.number} at ${Date.now()}`)
  response.send('logged')
})

// So many lines a second, spread over twenty portions, for so many seconds.
app.get('/flood/:lines/:seconds', (request, response) => {
  const portion = Number(request.params.lines) / 20
  let left = Number(request.params.seconds) * 20
  let number = 0
  const timer = setInterval(() => {
    let text = ''
    for (let line = 0; line < portion; line++)
      text += `flood ${number++}: GET /things/${number} 200 in ${number % 97} ms\n`
    process.stdout.write(text)
    if (--left <= 0) clearInterval(timer)
  }, 50)
  response.send('flooding')
})

const server = app.listen(process.env.PORT || 3000, process.env.HOST || '127.0.0.1')
process.on('SIGTERM', () => server.close(() => process.exit(0)))
