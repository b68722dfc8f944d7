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

const server = app.listen(process.env.PORT || 3000, process.env.HOST || '127.0.0.1')
process.on('SIGTERM', () => server.close(() => process.exit(0)))
