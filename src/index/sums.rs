//! What is added up over articles.

/// Sums over articles. Counts are of what there is; the others are in the unit that is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Articles.
    pub articles: u64,
    /// Relevant articles.
    pub relevant: u64,
    /// Relevant sentences.
    pub sentences: u64,
    /// Relevant sentences in which the word list finds conflict.
    pub keyword: u64,
    /// N.
    pub n: f64,
    /// R.
    pub r: f64,
    /// ΣS.
    pub tone: f64,
    /// ΣS⁺.
    pub conflict: f64,
    /// ΣS⁻.
    pub cooperation: f64,
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Sums) {
        self.articles += other.articles;
        self.relevant += other.relevant;
        self.sentences += other.sentences;
        self.keyword += other.keyword;
        self.n += other.n;
        self.r += other.r;
        self.tone += other.tone;
        self.conflict += other.conflict;
        self.cooperation += other.cooperation;
    }
}

impl std::iter::Sum for Sums {
    fn sum<I: Iterator<Item = Sums>>(sums: I) -> Sums {
        sums.fold(Sums::default(), |mut all, one| {
            all += one;
            all
        })
    }
}
