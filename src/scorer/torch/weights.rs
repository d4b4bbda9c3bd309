//! Weights from `model.safetensors` into a network: whole or half floats as they are, 8-bit integers by their scales.

use std::collections::HashMap;
use std::path::Path;

use tch::{Kind, TchError, Tensor, nn};

/// Every tensor of a file in single precision: half is for the disk, and slow to compute in.
///
/// A matrix may be stored as 8-bit integers `NAME` `[rows, columns]` with `NAME.scale` `[rows, groups]`: a row falls into
/// groups of equal width, and a weight is its integer times the scale of its group.
///
/// # Errors
/// The file cannot be read, or integers have no scales that fit.
pub fn read(path: &Path) -> Result<HashMap<String, Tensor>, TchError> {
    let stored: HashMap<String, Tensor> = Tensor::read_safetensors(path)?.into_iter().collect();
    let whole = |(name, found): (&String, &Tensor)| {
        let whole = match found.kind() {
            Kind::Int8 => scaled(name, found, stored.get(&format!("{name}.scale")))?,
            Kind::Half | Kind::BFloat16 | Kind::Double => found.f_to_kind(Kind::Float)?,
            _ => found.shallow_clone(),
        };
        Ok((name.clone(), whole))
    };
    stored.iter().map(whole).collect()
}

/// Fills every variable of a network.
///
/// # Errors
/// As [`read`]; or a variable is missing in the file or has another shape there.
pub fn load(store: &nn::VarStore, path: &Path) -> Result<(), TchError> {
    let stored = read(path)?;
    for (name, mut variable) in store.variables() {
        let found = stored
            .get(&name)
            .ok_or_else(|| TchError::TensorNameNotFound(name.clone(), path.display().to_string()))?;
        if found.size() != variable.size() {
            return Err(TchError::Shape(format!(
                "{name} is {:?}, the network has {:?}",
                found.size(),
                variable.size()
            )));
        }
        tch::no_grad(|| variable.f_copy_(found))?;
    }
    Ok(())
}

fn scaled(name: &str, integers: &Tensor, scale: Option<&Tensor>) -> Result<Tensor, TchError> {
    let scale = scale
        .ok_or_else(|| TchError::Shape(format!("{name} holds 8-bit integers and has no {name}.scale")))?;
    match (integers.size().as_slice(), scale.size().as_slice()) {
        (&[rows, columns], &[scales, groups]) if rows == scales && groups > 0 && columns % groups == 0 => {
            let grouped = integers.view([rows, groups, columns / groups]).to_kind(Kind::Float);
            Ok((grouped * scale.to_kind(Kind::Float).unsqueeze(-1)).view([rows, columns]))
        }
        (integers, scales) => {
            Err(TchError::Shape(format!("{name} is {integers:?}, which scales of {scales:?} do not fit")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(tensors: &[(&str, Tensor)]) -> Result<Vec<f32>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        Tensor::write_safetensors(tensors, &path).unwrap();
        let store = nn::VarStore::new(tch::Device::Cpu);
        let weight = store.root().zeros("w", &[2, 4]);
        load(&store, &path).map_err(|error| error.to_string())?;
        assert_eq!(weight.kind(), Kind::Float);
        Ok(Vec::try_from(weight.view(-1)).unwrap())
    }

    #[test]
    fn integers_are_multiplied_by_the_scales_of_their_groups() {
        let integers = || Tensor::from_slice(&[1_i8, -2, 127, 0, 4, 4, -127, 1]).view([2, 4]);
        let scale = Tensor::from_slice(&[0.5_f32, 1.0, 0.25, 2.0]).view([2, 2]);
        assert_eq!(
            loaded(&[("w", integers()), ("w.scale", scale)]),
            Ok(vec![0.5, -1.0, 127.0, 0.0, 1.0, 1.0, -254.0, 2.0])
        );
        let misfit = Tensor::from_slice(&[1.0_f32; 6]).view([2, 3]);
        assert!(loaded(&[("w", integers()), ("w.scale", misfit)]).unwrap_err().contains("do not fit"));
        assert!(loaded(&[("w", integers())]).unwrap_err().contains("has no w.scale"));
    }

    #[test]
    fn half_floats_become_whole_and_what_is_missing_or_misshapen_is_named() {
        let half = Tensor::from_slice(&[0.5_f32; 8]).view([2, 4]).to_kind(Kind::Half);
        assert_eq!(loaded(&[("w", half.shallow_clone())]), Ok(vec![0.5; 8]));
        assert!(loaded(&[("v", half.shallow_clone())]).unwrap_err().contains("w"));
        assert!(loaded(&[("w", half.view([4, 2]))]).unwrap_err().contains("the network has [2, 4]"));
    }
}
