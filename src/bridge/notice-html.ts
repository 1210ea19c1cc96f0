/** What a notice of ours looks like: backticks as code, line ends kept; undefined: as plain text. */
export function noticeHtml(text: string): string | undefined {
  if (!/[`\n]/.test(text)) return undefined
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return escaped.replace(/`([^`\n]+)`/g, '<code>$1</code>').replaceAll('\n', '<br>')
}
