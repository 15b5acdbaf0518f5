import type { Picture } from '../theme.ts'

/**
 * A logo, as high as its place says. Without alternative text: it stands on every slide and says nothing about the data.
 * The size is written out, so that the layout does not wait for the picture.
 */
export function logoHtml(picture: Picture): string {
  const heightPx = 24
  return `<img class="logo" alt="" src="${picture.dataUri}" width="${Math.round(heightPx * picture.ratio)}" height="${heightPx}">`
}
