//! Forms as templates: to PDF, to a picture; and PDFs from elsewhere to a picture.
