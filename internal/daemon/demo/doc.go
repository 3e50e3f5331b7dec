// Package demo runs the whole product with nothing installed and nothing
// configured: the real daemon on the embedded store, with stand-ins for the
// two providers and the phones of four people drawn on a web page.
//
// Nothing here decides anything about alerts, tickets or pages: the page's
// buttons post the webhook that Alertmanager would post, send the texts that a
// phone would send, and post what the app's service worker would post. Another
// button signs the browser in as one of the four. [Clock] lets time run faster,
// for the daemon, its console and the stand-ins alike.
package demo
