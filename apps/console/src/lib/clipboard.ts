/**
 * Puts text on the clipboard. Answers false where the browser refuses. On plain http (a laptop's name in the local network)
 * browsers offer no clipboard, so an invisible text area is selected and copied instead.
 */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      return copyBySelection(text) // Refused without focus or permission; the older way needs neither.
    }
  }
  return copyBySelection(text)
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  area.style.opacity = '0'
  document.body.append(area)
  area.select()
  const copied = document.execCommand('copy')
  area.remove()
  return copied
}
