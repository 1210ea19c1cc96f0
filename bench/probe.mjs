/** Preloaded into every process under test: tells what it has used, over the IPC channel. */
process.on('message', (message) => {
  if (message.ask !== 'usage') return
  const { user, system } = process.cpuUsage()
  const peak = process.resourceUsage().maxRSS * 1024
  const { rss, heapTotal, heapUsed } = process.memoryUsage()
  process.send({
    id: message.id,
    value: { cpu: user + system, rss, peak, heapTotal, heapUsed },
  })
})
process.channel?.unref()
