const express = require('express')
const path = require('path')

const app = express()
const entries = []

app.use(express.urlencoded({ extended: false }))
app.use('/assets', express.static(path.join(__dirname, 'public')))

app.get('/', (req, res) => {
  res.send(`<h1>Guestbook</h1><ul>${entries.map((entry) => `<li>${entry}</li>`).join('')}</ul>`)
})

app.post('/entries', (req, res) => {
  entries.push(String(req.body.text).replace(/</g, '&lt;'))
  res.redirect('/')
})

const port = process.env.PORT || 3000
app.listen(port, () => {
  console.log(`Guestbook listening on ${port}`)
})
