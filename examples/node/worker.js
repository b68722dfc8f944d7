// A process without a port: works off something every ten seconds.
let done = 0
setInterval(() => console.log(`Worked off job ${++done}`), 10_000)
console.log('Worker is waiting for jobs')
process.on('SIGTERM', () => process.exit(0))
