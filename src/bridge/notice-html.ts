/** Text as HTML that says the same. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** What a notice of ours looks like: backticks as code, line ends kept; undefined: as plain text. */
export function noticeHtml(text: string): string | undefined {
  if (!/[`\n]/.test(text)) return undefined
  return escaped(text)
    .replace(/`([^`\n]+)`/g, '<code>$1</code>')
    .replaceAll('\n', '<br>')
}
