/** One page per slide, at full size, with its colours. */
export const printStyles = `
@page{size:1280px 720px;margin:0}
@media print{
html{font-size:10px}
body{background:var(--background)}
.slide{break-after:page}
.slide:last-of-type{break-after:auto}
.files,.backup,.sources{display:none}
}`
