package lang

// DutyReport is what is said of duty that was counted: on the console's page, and on the
// monthly document that is printed.
type DutyReport struct {
	Title, Link, Since, None, Spreadsheet, Fair                                                              string
	Person, Hours, Nights, Weekends, Holidays, Pages, Woken, Interventions, Rests, StoodIn, Replaced, Amount string
	Partly, DocumentWhy                                                                                      string

	Document, Employer, MonthOf, Going, Kind, Count, Total, Owed string
	Ticket, Begun, Ended, NoWork, Effective, Daily, Weekly       string
	Law, Signed                                                  string

	Kinds map[string]string
}

var dutyReportEnglish = DutyReport{
	Title: "Duty report", Link: "Hours, nights, interventions: the duty report", Since: "Counted since {at}: nothing is known of the time before.", None: "Nobody was on call in this month, as far as is known.",
	Spreadsheet: "For a spreadsheet", Fair: "Who had how much of {year}",
	Person: "Person", Hours: "Hours on call", Nights: "Nights", Weekends: "Weekend days", Holidays: "Holidays", Pages: "Pages", Woken: "Woken at night", Interventions: "Interventions",
	Rests: "Rest that was too short", StoodIn: "Stood in", Replaced: "Replaced", Amount: "Compensation",
	Partly: "(not all)", DocumentWhy: "A name leads to the monthly document of that person, to be printed.",
	Document: "Monthly statement of on-call duty", Employer: "Employer", MonthOf: "Month", Going: "This month is not over: what is to come is missing.", Kind: "Kind of hours", Count: "Hours", Total: "Total", Owed: "Compensation in all",
	Ticket: "Ticket", Begun: "Begun", Ended: "Ended", NoWork: "None.",
	Effective: "An intervention counts from its pick-up until the ticket was resolved or handed on; it is working time, travel included (Code du travail, art. L3121-9). Travel that is not noted is to be added.",
	Daily:     "Daily rest of 11 hours, from {from} to {to}: {long} at most. Work may begin again from {at} on.",
	Weekly:    "Weekly rest of 35 hours, from {from} to {to}: {long} at most. It would have been had from the last intervention until {at}.",
	Law:       "Given to the employee in keeping with article R3121-2 of the French Code du travail. The employer keeps it available to the labour inspectorate for one year (art. D3171-16, 2°).",
	Signed:    "Date, signature:",
	Kinds: map[string]string{
		"working": "Working hours", "evening": "Evening", "night": "Night (22:00 to 06:00)", "weekend": "Weekend", "holiday": "Public holiday", "intervention": "Interventions",
	},
}

var dutyReportFrench = DutyReport{
	Title: "Rapport d'astreinte", Link: "Heures, nuits, interventions : le rapport d'astreinte", Since: "Compté depuis {at} : rien n'est connu de ce qui précède.", None: "Personne n'a été d'astreinte ce mois-ci, pour autant qu'on le sache.",
	Spreadsheet: "Pour un tableur", Fair: "Qui a eu quoi en {year}",
	Person: "Salarié", Hours: "Heures d'astreinte", Nights: "Nuits", Weekends: "Jours de week-end", Holidays: "Jours fériés", Pages: "Appels", Woken: "Réveils la nuit", Interventions: "Interventions",
	Rests: "Repos trop court", StoodIn: "A remplacé", Replaced: "A été remplacé", Amount: "Compensation",
	Partly: "(en partie)", DocumentWhy: "Un nom mène au récapitulatif mensuel de la personne, à imprimer.",
	Document: "Récapitulatif mensuel des astreintes", Employer: "Employeur", MonthOf: "Mois", Going: "Ce mois n'est pas terminé : la suite manque.", Kind: "Type d'heures", Count: "Nombre d'heures", Total: "Total", Owed: "Compensation totale",
	Ticket: "Ticket", Begun: "Début", Ended: "Fin", NoWork: "Aucune.",
	Effective: "Une intervention compte de sa prise en charge jusqu'à la résolution du ticket ou sa transmission ; c'est du travail effectif, trajet compris (Code du travail, art. L3121-9). Le trajet qui n'est pas noté est à ajouter.",
	Daily:     "Repos quotidien de 11 heures, du {from} au {to} : {long} au plus. La reprise est possible à partir du {at}.",
	Weekly:    "Repos hebdomadaire de 35 heures, du {from} au {to} : {long} au plus. Il aurait été pris de la dernière intervention jusqu'au {at}.",
	Law:       "Document remis au salarié en application de l'article R3121-2 du Code du travail. L'employeur le tient à la disposition de l'inspection du travail pendant un an (art. D3171-16, 2°).",
	Signed:    "Date, signature :",
	Kinds: map[string]string{
		"working": "Heures ouvrées", "evening": "Soirée", "night": "Nuit (22 h à 6 h)", "weekend": "Week-end", "holiday": "Jour férié", "intervention": "Interventions",
	},
}

var dutyReportItalian = DutyReport{
	Title: "Rapporto di reperibilità", Link: "Ore, notti, interventi: il rapporto di reperibilità", Since: "Contato da {at}: di prima non si sa nulla.", None: "Nessuno è stato reperibile in questo mese, per quanto si sa.",
	Spreadsheet: "Per un foglio di calcolo", Fair: "Chi ha avuto quanto nel {year}",
	Person: "Persona", Hours: "Ore di reperibilità", Nights: "Notti", Weekends: "Giorni di fine settimana", Holidays: "Giorni festivi", Pages: "Chiamate", Woken: "Risvegli di notte", Interventions: "Interventi",
	Rests: "Riposo troppo breve", StoodIn: "Ha sostituito", Replaced: "È stato sostituito", Amount: "Indennità",
	Partly: "(in parte)", DocumentWhy: "Un nome porta al riepilogo mensile della persona, da stampare.",
	Document: "Riepilogo mensile della reperibilità", Employer: "Datore di lavoro", MonthOf: "Mese", Going: "Questo mese non è finito: il resto manca.", Kind: "Tipo di ore", Count: "Ore", Total: "Totale", Owed: "Indennità totale",
	Ticket: "Ticket", Begun: "Inizio", Ended: "Fine", NoWork: "Nessuno.",
	Effective: "Un intervento conta dalla presa in carico fino alla risoluzione del ticket o al suo passaggio; è lavoro effettivo, viaggio compreso (Code du travail francese, art. L3121-9). Il viaggio non annotato va aggiunto.",
	Daily:     "Riposo giornaliero di 11 ore, dal {from} al {to}: {long} al massimo. Il lavoro può riprendere dal {at}.",
	Weekly:    "Riposo settimanale di 35 ore, dal {from} al {to}: {long} al massimo. Sarebbe stato goduto dall'ultimo intervento fino al {at}.",
	Law:       "Consegnato al dipendente secondo l'articolo R3121-2 del Code du travail francese. Il datore di lavoro lo tiene a disposizione dell'ispettorato per un anno (art. D3171-16, 2°).",
	Signed:    "Data, firma:",
	Kinds: map[string]string{
		"working": "Orario di lavoro", "evening": "Sera", "night": "Notte (dalle 22 alle 6)", "weekend": "Fine settimana", "holiday": "Giorno festivo", "intervention": "Interventi",
	},
}
