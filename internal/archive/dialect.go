package archive

import (
	"database/sql"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pressly/goose/v3"
)

// dialect is what the two databases say differently.
type dialect struct {
	name   string // of the folder of its migrations
	goose  goose.Dialect
	dollar bool // placeholders are $1, $2, …; else ?

	// lock reads a lane's position, and keeps others from moving it until the
	// transaction ends.
	lock string

	newWords            []string // make their table with what finds beginnings of words …
	newWordsIn          int64    // … in this migration
	dropWords, putWords string
	wordsOf             func(w *wording) []any // what putWords takes after the ticket's id
	// joined are tickets with their words, and matches selects by an expression:
	// of all words in the title; or all somewhere, and not in the title; or all
	// somewhere. joinedID is the id that such a list is read in order by.
	joined, matches, joinedID string
	inTitle, inText, inAny    func(words []string) string

	lockContacts string // keeps others from changing contacts until the transaction ends; empty: nobody can

	tidy  string             // has the database learn what its tables hold
	whole sql.IsolationLevel // at which a transaction reads one moment
}

var sqlite = &dialect{
	name: "sqlite", goose: goose.DialectSQLite3,
	lock: "SELECT position FROM lanes WHERE name = ?", // a writer has the database for itself
	// A word finds those that begin with it. Without lists of its beginnings the database puts
	// one together for each search, which takes a second where four words are common (ADR 64).
	// Which column has a word is enough to know: nobody looks for phrases.
	newWords: []string{`CREATE VIRTUAL TABLE words USING fts5 (title, text, content='', contentless_delete=1, tokenize='unicode61',
		detail=column, prefix='3 4 5 6 7 8 9 10 11 12')`},
	newWordsIn: wordsVersion,
	dropWords:  "DELETE FROM words WHERE rowid = ?",
	putWords:   "INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)",
	wordsOf:    func(w *wording) []any { return []any{w.title, w.text} },
	joined:     "words CROSS JOIN tickets t ON t.id = words.rowid",
	matches:    "words MATCH ?",
	joinedID:   "words.rowid",
	tidy:       "ANALYZE",
	inAny:      ftsQuery,
	inTitle:    func(words []string) string { return "{title} : (" + ftsQuery(words) + ")" },
	inText: func(words []string) string {
		return "(" + ftsQuery(words) + ") NOT ({title} : (" + ftsQuery(words) + "))"
	},
}

var postgres = &dialect{
	name: "postgres", goose: goose.DialectPostgres, dollar: true,
	lock:      "SELECT position FROM lanes WHERE name = ? FOR UPDATE",
	dropWords: "DELETE FROM words WHERE ticket = ?",
	putWords:  "INSERT INTO words (ticket, text) VALUES (?, CAST(? AS tsvector))",
	wordsOf:   func(w *wording) []any { return []any{w.vector()} },
	joined:    "tickets t JOIN words w ON w.ticket = t.id",
	joinedID:  "t.id",
	matches:   "w.text @@ CAST(? AS tsquery)",
	inAny:     func(words []string) string { return tsQuery(words, "") },
	tidy:      "ANALYZE",
	newWords: []string{
		"CREATE TABLE words (ticket BIGINT PRIMARY KEY REFERENCES tickets (id), text TSVECTOR NOT NULL)",
		"CREATE INDEX words_text ON words USING gin (text)",
	},
	newWordsIn: beginningsVersion,

	lockContacts: "LOCK TABLE contacts IN SHARE ROW EXCLUSIVE MODE",

	whole:   sql.LevelRepeatableRead,
	inTitle: func(words []string) string { return tsQuery(words, "A") },
	inText:  func(words []string) string { return "(" + tsQuery(words, "") + ") & !(" + tsQuery(words, "A") + ")" },
}

// prefixed is from how many letters on a word also finds longer ones that begin
// with it. So a singular finds its plural, in all our languages.
const prefixed = 3

func ftsQuery(words []string) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = `"` + w + `"`
		if len(w) >= prefixed {
			parts[i] += "*"
		}
	}
	return strings.Join(parts, " AND ")
}

func tsQuery(words []string, weight string) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = "'" + w + "'"
		star := ""
		if utf8.RuneCountInString(w) > begun { // shorter ones are there as beginnings
			star = "*"
		}
		if star+weight != "" {
			parts[i] += ":" + star + weight
		}
	}
	return strings.Join(parts, " & ")
}

// sql is a statement with the dialect's placeholders. No statement of ours has a
// question mark that is none.
func (d *dialect) sql(text string) string {
	if !d.dollar {
		return text
	}
	var b strings.Builder
	n := 0
	for {
		before, after, more := strings.Cut(text, "?")
		b.WriteString(before)
		if !more {
			return b.String()
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
		text = after
	}
}
