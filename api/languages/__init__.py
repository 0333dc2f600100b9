"""The words of the program in Russian, Kazakh and English: for pages, and for whoever the API refuses."""
