/**
 * In a browser: slides under each other, scaled with the window by the root font size alone. On a phone they become
 * flowing text at a readable size, because a slide shrunk to a third is not readable.
 */
export const screenStyles = `
@media screen{
html{font-size:min(10px,calc(100vw/134))}
body{background:var(--surface);padding:2.4rem 0 6rem}
main{width:128rem;margin:0 auto}
.files{display:flex;flex-wrap:wrap;justify-content:flex-end;gap:.4rem 2.4rem;width:128rem;margin:0 auto;font-size:max(1.5rem,14px);line-height:2}
.files a{color:var(--ink);text-underline-offset:.2em}
.slide{margin-top:2.4rem;outline:1px solid var(--hairline)}
.backup,.sources{font-size:max(1.5rem,14px);line-height:1.5}
.backup{padding:1rem 2.4rem;border:1px solid var(--hairline);border-top:0;background:var(--background);color:var(--ink)}
.spoken{white-space:pre-line}
.ask{all:unset;cursor:help}
.ask:hover .fact,.ask:focus-visible .fact{text-decoration:underline;text-underline-offset:.2em}
.ask:focus-visible{outline:2px solid currentColor;outline-offset:2px}
.about{box-sizing:border-box;width:min(64rem,100vw - 32px);max-height:80vh;overflow:auto;padding:2.4rem;border:1px solid var(--muted);border-radius:1rem;background:var(--background);color:var(--ink);font-size:max(1.5rem,14px);line-height:1.5;overflow-wrap:anywhere}
.about-value{font-size:2.8rem;line-height:1.3;font-weight:600}
.about-name{margin-top:1.2rem;color:var(--muted);font-weight:600}
.about pre{max-height:20rem;margin:.4rem 0 1.2rem}
.about a{color:var(--accent)}
.about .scroll{margin-top:1.2rem}
@supports not selector(:popover-open){.about{display:none}}
summary{cursor:pointer;color:var(--muted)}
.backup h2,.backup h3,.sources h3{margin:2rem 0 .8rem;font-weight:600}
.sources{margin-top:6rem}
.sources h2{font-size:2.8rem;font-weight:600}
.source-table{padding:1rem 2.4rem 2rem;margin-top:1.6rem;background:var(--background);border:1px solid var(--hairline)}
.ids{color:var(--muted);overflow-wrap:anywhere}
.source-table details{margin-top:1rem}
pre{overflow:auto;padding:1.6rem;background:var(--surface);font-size:max(1.3rem,12px);line-height:1.5}
.scroll{overflow:auto;max-height:60rem}
.plain{border-collapse:collapse}
.plain th,.plain td{padding:.5rem 1.4rem .5rem 0;text-align:start;vertical-align:top;border-bottom:1px solid var(--hairline)}
.plain th{font-weight:600}
.plain .number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
}
@media screen and (max-width:760px){
html{font-size:10px}
body{padding:0 0 4rem}
main{width:auto}
.files{width:auto;padding:.8rem 2rem}
.slide,.cover,.section{width:auto;height:auto;contain:none;overflow:visible;margin:0 0 .8rem;padding:2.4rem 2rem 0;outline:0;display:block}
.title,.section-title,.cover-title{font-size:2.6rem!important;line-height:3.2rem!important}
.say,.bullets p,.cover-subtitle,.section-subtitle{font-size:1.8rem!important;line-height:2.6rem!important;-webkit-line-clamp:none!important}
.title,.section-title,.cover-title,.say,.bullets p{-webkit-line-clamp:none!important}
.body,.beside,.sides,.closing{display:block}
.figure,.table-box{width:auto!important;overflow-x:auto}
.picture{min-width:56rem}
.cards{grid-template-columns:1fr!important;grid-auto-rows:auto!important}
.card-value{font-size:4.4rem!important;line-height:5.2rem!important}
aside.takeaway,.takeaway.strip{width:auto;margin:2rem 0}
.side,.origin{width:auto;margin-bottom:1.6rem}
.foot{height:auto;padding:1.2rem 0;flex-wrap:wrap;white-space:normal}
.cover-main,.cover-foot{position:static;width:auto}
.cover-foot{padding:4rem 0 2.4rem}
.cover-art{display:none}
.section-main{margin:4rem 0}
.note{white-space:normal}
}`
