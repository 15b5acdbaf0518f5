/** Slides as they are printed and shown: 128 × 72 rem, one rem being ten px at full size. */
export const slideStyles = `
*,*::before,*::after{box-sizing:border-box}
html{font-size:10px;-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;color:var(--ink);font-family:var(--face),"Noto Sans","Noto Sans CJK SC","Noto Sans Arabic","Noto Sans Hebrew","Noto Color Emoji","DejaVu Sans",sans-serif;-webkit-print-color-adjust:exact;print-color-adjust:exact}
h1,h2,h3,p,ul,figure{margin:0;padding:0;font-size:inherit;font-weight:inherit}
ul{list-style:none}
svg{direction:ltr}
html[dir=rtl] .cover-art{right:auto;left:0;transform:scaleX(-1)}
svg text{font-family:inherit;font-variant-numeric:tabular-nums}
.slide{position:relative;display:flex;flex-direction:column;width:128rem;height:72rem;overflow:hidden;contain:strict;background:var(--background);color:var(--ink);padding:5rem 6.4rem 0;overflow-wrap:anywhere}
.head{flex:none}
.title{font-weight:600;letter-spacing:-.02em;text-wrap:pretty}
.body{flex:1;min-height:0;display:flex;flex-direction:column;padding:2.6rem 0 2rem}
.foot{flex:none;display:flex;align-items:center;gap:2.4rem;height:5.2rem;border-top:1px solid var(--hairline);color:var(--muted);font-size:1.3rem;line-height:1.8rem;white-space:nowrap}
.foot .brand{flex:none}
.foot .logo{flex:none;height:2.4rem;width:auto}
.foot .source{flex:1;min-width:0;overflow:hidden;text-overflow:ellipsis}
.legend{color:var(--warning);font-weight:600}
.number{font-variant-numeric:tabular-nums}
.fact{font-weight:600;white-space:nowrap;font-variant-numeric:tabular-nums}
.fact.words{white-space:inherit}
.unverified{text-decoration:underline dotted var(--warning) 2px;text-underline-offset:.22em;white-space:nowrap}
.unverified sup{color:var(--warning);font-weight:600;font-size:.65em;line-height:0;margin-inline-start:.1em}
.beside{flex:1;min-height:0;display:flex;align-items:stretch;gap:4.4rem}
.figure{flex:none;display:flex;flex-direction:column}
.figure figcaption,.table caption,.caption{flex:none;height:3.2rem;font-size:1.6rem;line-height:2.2rem;font-weight:600;text-align:start;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.picture{min-height:0;flex:0 1 auto}
.picture svg{display:block;width:100%;height:100%}
.note{flex:none;padding-top:.8rem;font-size:1.3rem;line-height:2rem;color:var(--muted)}
.empty{padding:4rem 0;font-size:1.8rem;color:var(--muted)}
.takeaway{flex:none;border-inline-start:4px solid var(--accent);padding-inline-start:1.8rem}
aside.takeaway{width:29.6rem;align-self:flex-start;margin-top:.2rem}
.takeaway.strip{margin-top:2.8rem;padding-block:.2rem}
.bullets{flex:none}
.bullets li{position:relative;padding-block:var(--gap);padding-inline-start:2.8rem;border-bottom:1px solid var(--hairline)}
.bullets li:first-child{padding-top:0}
.bullets li:last-child{border-bottom:0}
.bullets li::before{content:"";position:absolute;inset-inline-start:0;top:calc(var(--gap) + var(--line)/2 - .5rem);width:1rem;height:1rem;background:var(--accent);border-radius:2px}
.bullets li:first-child::before{top:calc(var(--line)/2 - .5rem)}
.slide-bullets .bullets{margin-top:1.4rem}
.cards{flex:none;display:grid;gap:2.4rem}
.card{display:flex;flex-direction:column;background:var(--surface);border-radius:1rem;padding:var(--pad);overflow:hidden}
.card-label{color:var(--muted)}
.card-value{margin-top:.8rem;letter-spacing:-.025em;white-space:nowrap}
.card>*{flex:none}
.card-change{margin-top:1.2rem;white-space:nowrap}
.card-note{color:var(--muted)}
.say,.bullets p{text-wrap:pretty}
.slide-kpis .body::before{content:"";flex:1 0 0}
.slide-kpis .body::after{content:"";flex:2 0 0}
.arrow{color:var(--accent);font-weight:600;margin-inline-end:.5rem}
.table-box{flex:none;display:flex;flex-direction:column}
.table{table-layout:fixed;border-collapse:collapse;flex:none}
.table th,.table td{padding:0 1.2rem;text-align:start;font-weight:400;white-space:nowrap;overflow:hidden}
.table th:first-child,.table td:first-child{padding-inline-start:0}
.table th:last-child,.table td:last-child{padding-inline-end:0}
.table thead th{font-size:1.3rem;line-height:1.7rem;font-weight:600;color:var(--muted);vertical-align:bottom;padding-block:0 .7rem;border-bottom:2px solid var(--ink)}
.table tbody tr{height:var(--row)}
.table tbody th,.table tbody td{line-height:2rem;border-bottom:1px solid var(--hairline)}
.table .rtl{text-align:right}
.table .number{text-align:right;font-variant-numeric:tabular-nums}
.sides{flex:none;max-height:100%;display:grid;grid-template-columns:1fr 1fr;gap:3.2rem}
.side{min-height:34rem;background:var(--surface);border-radius:1rem;padding:2.8rem 3.2rem;overflow:hidden;border-top:4px solid var(--accent)}
.side.second{border-top-color:var(--second)}
.side-heading{font-weight:600;letter-spacing:-.01em;margin-bottom:2.4rem}
.side.second .bullets li::before{background:var(--second)}
.closing{gap:5.6rem}
.closing .points{flex:1;min-width:0}
.origin{flex:none;width:40rem;align-self:flex-start;background:var(--surface);border-radius:1rem;padding:2.4rem 2.8rem}
.origin h3{font-size:1.3rem;line-height:1.8rem;font-weight:600;color:var(--muted);margin-bottom:1rem}
.origin-question{font-weight:600}
.origin ul{margin:1.6rem 0;border-top:1px solid var(--hairline)}
.origin li{padding:.9rem 0;border-bottom:1px solid var(--hairline)}
.origin-table{font-size:1.5rem;line-height:2rem;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.origin-rows,.origin-made{font-size:1.3rem;line-height:1.8rem;color:var(--muted)}
.links{margin-top:.8rem;font-size:1.3rem;line-height:1.8rem;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.links a{color:inherit;text-underline-offset:.2em}
.origin .links{color:var(--accent)}
.cover .links{color:var(--on-cover-muted)}
.cover{background:var(--cover);color:var(--on-cover);padding:0;display:block}
.cover-main{position:absolute;inset-inline-start:6.4rem;top:14rem;width:82rem}
.cover .logo{position:absolute;inset-inline-start:6.4rem;top:5.2rem;height:4.8rem;width:auto}
.cover-rule{display:block;width:6.4rem;height:.6rem;background:var(--cover-accent);margin-bottom:3.2rem}
.cover-title{font-weight:600;letter-spacing:-.025em;text-wrap:pretty}
.cover-subtitle{margin-top:2.2rem;color:var(--on-cover-muted)}
.cover-foot{position:absolute;inset-inline-start:6.4rem;bottom:5.2rem;width:82rem}
.cover-question{color:var(--on-cover)}
.cover-origin{margin-top:.8rem;color:var(--on-cover-muted)}
.cover .legend{margin-top:.8rem;font-size:1.3rem;color:var(--cover-accent)}
.cover .unverified{text-decoration-color:var(--cover-accent)}
.cover .unverified sup{color:var(--cover-accent)}
.cover-art{position:absolute;right:0;bottom:0;width:33.6rem;height:50rem}
.section{background:var(--surface)}
.section-main{flex:1;min-height:0;display:flex;flex-direction:column;justify-content:center;border-inline-start:.6rem solid var(--accent);padding-inline-start:4rem;margin:12rem 0}
.section-title{font-weight:600;letter-spacing:-.02em}
.section-subtitle{margin-top:2rem;color:var(--muted)}
`.trim()
