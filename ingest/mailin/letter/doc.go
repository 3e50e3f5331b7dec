// Package letter reads mails: who wrote, about what, and the text.
//
// A mail is a stranger's, and may be anything. [Keeper] keeps the part of one
// that can matter while the rest goes by: a header of some length, texts,
// the beginnings of attachments. So a mail of any size takes little memory.
// [Read] reads what was kept. It bounds how many parts there are and how deep
// they are nested before the library sees them, and it reads headers itself.
// What cannot be taken apart is read as plain text: a mail that has a header
// or a text is never refused.
package letter
