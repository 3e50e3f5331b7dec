package paging

import "time"

// testWords are a test page's, in GSM-7.
type testWords struct{ title, body string }

// testWordsOf says in a language that nothing has happened.
func testWordsOf(language string, at time.Time) testWords {
	clock := at.Format("15:04")
	switch language {
	case "fr":
		return testWords{"TEST Astreinte " + clock, "Ceci est un essai: rien à faire, rien à répondre."}
	case "it":
		return testWords{"TEST Astreinte " + clock, "Questa è una prova: niente da fare, niente da rispondere."}
	}
	return testWords{"TEST Astreinte " + clock, "This is only a test: nothing to do, nothing to answer."}
}
