// Package phone is what makes the console an application on a phone.
//
// [App.Routes] are its addresses. The service worker (worker/, served whole at
// /sw.js) shows pushes, acknowledges from the lock screen, keeps what is pressed
// without network, and shows what was last known. The page /phone has the checks
// of the phone that it is open on: does a push arrive, is the app installed, may it
// sound (assets/phone.js of the console drives it). What a person confirms there is
// kept as a record of the device (proof.go). A phone is added by a QR code, and taken
// back, at /people/{name}/phone (enrol.go).
//
// Pages and worker use the API with the session's cookie, which works at the public
// address too.
package phone
